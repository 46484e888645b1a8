/**
 * How far a denoiser is from the exact one (lookingglass/diffusion/excess.py).
 *
 * @typedef {import("./denoiser.js").Denoiser} Denoiser
 * @typedef {import("./denoiser.js").Truth} Truth
 */

/**
 * |eps - eps*|^2 per dimension at each point, (n, 2) to (n). Its mean over noised data is the
 * excess loss.
 *
 * @param {Float64Array} eps (n, 2), what the denoiser predicts
 * @param {Float64Array} exact (n, 2), what the exact denoiser predicts
 */
export function excessAt(eps, exact) {
  return new Float64Array(eps.length / 2).map((_, i) => {
    return ((eps[2 * i] - exact[2 * i]) ** 2 + (eps[2 * i + 1] - exact[2 * i + 1]) ** 2) / 2;
  });
}

/**
 * The mean of independent draws, and its standard error.
 *
 * @param {Float64Array} draws at least two
 */
export function meanOf(draws) {
  const n = draws.length;
  const mean = draws.reduce((sum, value) => sum + value, 0) / n;
  const squares = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (n - 1) / n) };
}
