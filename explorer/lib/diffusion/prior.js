/**
 * The Gaussian that sampling starts from (lookingglass/diffusion/prior.py).
 *
 * @typedef {object} Prior N(mean, variance), coordinates independent
 * @property {[number, number]} mean
 * @property {[number, number]} variance
 */

/** The exercise's N(0, I). @type {Prior} */
export const STANDARD = { mean: [0, 0], variance: [1, 1] };

/**
 * The prior with the mean and the variance of the noised data at t = 1.
 *
 * @param {import("./denoiser.js").Truth} truth
 * @param {number} sigmaMax sigma(1)
 * @returns {Prior}
 */
export function matchedPrior({ mean: [x, y], variance: [a, b] }, sigmaMax) {
  return { mean: [x, y], variance: [a + sigmaMax ** 2, b + sigmaMax ** 2] };
}

/**
 * A draw of the prior from z ~ N(0, I), (n, 2): mean + sqrt(variance) z.
 *
 * @param {Prior} prior
 * @param {Float64Array} z
 */
export function transform({ mean, variance }, z) {
  return z.map((value, i) => mean[i % 2] + Math.sqrt(variance[i % 2]) * value);
}

/**
 * log N(x; mean, variance), in nats.
 *
 * @param {Prior} prior
 * @param {Float64Array} x (n, 2)
 * @returns {Float64Array} (n)
 */
export function logDensity({ mean, variance }, x) {
  const each = x.map((value, i) => {
    const square = (value - mean[i % 2]) ** 2 / variance[i % 2];
    return -(square + Math.log(2 * Math.PI * variance[i % 2])) / 2;
  });
  return sumOfPairs(each);
}

/**
 * KL(N(x, sigma^2 I) | prior), in nats.
 *
 * @param {Prior} prior
 * @param {Float64Array} x (n, 2)
 * @param {number} sigma
 * @returns {Float64Array} (n)
 */
export function klFrom({ mean, variance }, x, sigma) {
  const each = x.map((value, i) => {
    const ratio = sigma ** 2 / variance[i % 2];
    return ((value - mean[i % 2]) ** 2 / variance[i % 2] + ratio - 1 - Math.log(ratio)) / 2;
  });
  return sumOfPairs(each);
}

/** @param {Float64Array} each (n, 2) */
function sumOfPairs(each) {
  return new Float64Array(each.length / 2).map((_, i) => each[2 * i] + each[2 * i + 1]);
}
