/**
 * Refuse wrong input with a sentence, at the border to the page and the console.
 */

/**
 * The value under a name.
 *
 * @template T
 * @param {string} what
 * @param {Record<string, T>} known
 * @param {string} name
 * @returns {T}
 */
export function pick(what, known, name) {
  if (Object.hasOwn(known, name)) return known[name];
  throw new RangeError(`${what} = ${name}: must be one of ${Object.keys(known).join(", ")}`);
}

/**
 * @param {string} what
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
export function checkCount(what, value, least, most) {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${what} = ${value}: must be a whole number from ${least} to ${most}`);
}

/**
 * @param {string} what
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
export function checkNumber(what, value, least, most) {
  if (value >= least && value <= most) return;
  throw new RangeError(`${what} = ${value}: must be a number from ${least} to ${most}`);
}

/**
 * Points as a flat array.
 *
 * @param {string} what
 * @param {number[][]} points (n, 2)
 * @returns {Float64Array} (n, 2)
 */
export function toFlat(what, points) {
  const flat = new Float64Array(points.length * 2);
  points.forEach((point, i) => {
    if (point.length !== 2 || !point.every(Number.isFinite)) {
      throw new RangeError(`${what}[${i}] = ${point}: must be two finite numbers`);
    }
    flat.set(point, 2 * i);
  });
  return flat;
}

/**
 * @param {Float64Array} flat (n, 2)
 * @returns {[number, number][]}
 */
export function toPairs(flat) {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}
