/** How numbers are written. */

const minus = (/** @type {string} */ text) => text.replace("-", "\u2212");

/** A probability. @param {number} p */
export function percent(p) {
  if (p >= 0.001) return `${(100 * p).toFixed(1)}%`;
  return p > 0 ? "< 0.1%" : "0%";
}

/** A log-probability. @param {number} value */
export const two = (value) => minus(value.toFixed(2));

/** An attention weight or score. @param {number} value */
export const three = (value) => minus(value.toFixed(3));

/** A change, with its sign. @param {number} value */
export const change = (value) => `${value > 0 ? "+" : ""}${two(value)}`;
