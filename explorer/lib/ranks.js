/** Rank correlation. */

/**
 * Spearman's rank correlation; equal values share the mean of their ranks.
 *
 * @param {number[]} a
 * @param {number[]} b of the same length
 * @returns {number} NaN for fewer than two values, or if all of a list are equal
 */
export function rankCorrelation(a, b) {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length - 1) / 2;
  const product = (/** @type {number[]} */ u, /** @type {number[]} */ v) =>
    u.reduce((sum, rank, i) => sum + (rank - mean) * (v[i] - mean), 0);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

/**
 * @param {number[]} values
 * @returns {number[]} from 0
 */
function ranks(values) {
  return values.map((value) => {
    const less = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return less + (equal - 1) / 2;
  });
}
