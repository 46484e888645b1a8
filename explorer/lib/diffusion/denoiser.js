/**
 * The one interface that networks and exact truths share, so every sampler runs on either
 * (lookingglass/diffusion/denoiser.py).
 *
 * Points are one Float64Array (n, 2), row by row: x0, y0, x1, y1, ... A denoiser predicts the noise
 * eps in x_t = x_0 + sigma eps; the denoised point is x - sigma eps, the score -eps / sigma.
 *
 * @typedef {number | Float64Array} Sigma a noise level: one for all points, or one for each
 * @typedef {(x: Float64Array, sigma: Sigma, label: number | null) => Float64Array} Denoiser
 *
 * @typedef {object} Truth the distribution of the data, of all or of a class
 * @property {Denoiser} denoiser eps* = E[eps | x]
 * @property {(x: Float64Array, sigma: Sigma) => Float64Array} logDensity log p(x; sigma), in nats,
 *   (n, 2) to (n)
 * @property {(n: number, random: import("../random.js").Random) => Float64Array} sample draws points
 *   (n, 2)
 * @property {[number, number]} mean of each coordinate
 * @property {[number, number]} variance of each coordinate
 */

/**
 * The noise level of point i.
 *
 * @param {Sigma} sigma
 * @param {number} i
 * @returns {number}
 */
export function levelOf(sigma, i) {
  return typeof sigma === "number" ? sigma : sigma[i];
}

/**
 * Classifier-free guidance: (1 + w) eps(x, class) - w eps(x), for w = strength (Ho and Salimans
 * 2022, arXiv 2207.12598, equation 6). Without a label it changes nothing.
 *
 * @param {Denoiser} denoiser
 * @param {number} strength
 * @returns {Denoiser}
 */
export function guide(denoiser, strength) {
  return (x, sigma, label) => {
    const withClass = denoiser(x, sigma, label);
    if (label === null || strength === 0) return withClass;
    const without = denoiser(x, sigma, null);
    return withClass.map((eps, i) => eps + strength * (eps - without[i]));
  };
}
