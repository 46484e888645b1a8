/**
 * Refuse wrong input with a sentence, at the border to the page and the console.
 */
import { fill } from "../ui/dom.js";
import { common as words } from "../words/common.js";

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
  const values = { WHAT: what, VALUE: name, CHOICES: Object.keys(known).join(", ") };
  throw new RangeError(fill(words.choice, values));
}

/**
 * @param {string} what
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
export function checkCount(what, value, least, most) {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(fill(words.count, { WHAT: what, VALUE: value, LEAST: least, MOST: most }));
}

/**
 * @param {string} what
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
export function checkNumber(what, value, least, most) {
  if (value >= least && value <= most) return;
  throw new RangeError(fill(words.number, { WHAT: what, VALUE: value, LEAST: least, MOST: most }));
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
      throw new RangeError(fill(words.point, { WHAT: `${what}[${i}]`, VALUE: String(point) }));
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
