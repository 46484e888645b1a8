/** Ascending arrays, searched by bisection. */

/**
 * The different values in ascending order, and the index of each value among them.
 *
 * @param {Float64Array} values
 * @returns {{keys: Float64Array, index: Int32Array}}
 */
export function unique(values) {
  const keys = values
    .slice()
    .sort()
    .filter((value, i, sorted) => value !== sorted[i - 1]);
  return { keys, index: Int32Array.from(values, (value) => find(keys, value)) };
}

/**
 * @param {Float64Array} keys ascending
 * @param {number} key
 * @returns {number} the index of the key; -1 if it is not there
 */
export function find(keys, key) {
  const index = firstFrom(keys, key);
  return keys[index] === key ? index : -1;
}

/**
 * @param {Float64Array} keys ascending
 * @param {number} key
 * @returns {number} the index of the first that is not below `key`
 */
export function firstFrom(keys, key) {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
