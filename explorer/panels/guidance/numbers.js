/**
 * What the panel measures of samples. Without enough points the numbers are NaN.
 *
 * @typedef {object} Measured
 * @property {number} known points
 * @property {number} inside the fraction in the region
 * @property {number[]} mean of each coordinate
 * @property {number[]} std standard deviation of each coordinate
 */

/**
 * @param {Float64Array} x (n, 2); points that are NaN are not known yet, and left out
 * @param {number[]} region left, bottom, right, top
 * @returns {Measured}
 */
export function measure(x, [left, bottom, right, top]) {
  const known = x.filter((value) => !Number.isNaN(value));
  const count = known.length / 2;
  const mean = [0, 1].map((axis) => average(known, axis, (value) => value));
  const std = [0, 1].map((axis) => {
    const variance = average(known, axis, (value) => (value - mean[axis]) ** 2);
    return Math.sqrt((variance * count) / (count - 1));
  });
  let inside = 0;
  for (let i = 0; i < known.length; i += 2) {
    const [a, b] = [known[i], known[i + 1]];
    if (a >= left && a <= right && b >= bottom && b <= top) inside += 1;
  }
  return { known: count, inside: inside / count, mean, std };
}

/** @type {(x: Float64Array, axis: number, of: (value: number) => number) => number} */
function average(x, axis, of) {
  let sum = 0;
  for (let i = axis; i < x.length; i += 2) sum += of(x[i]);
  return sum / (x.length / 2);
}
