/**
 * The eight symmetries of a square around the origin (lookingglass/diffusion/symmetry.py).
 *
 * @typedef {import("./denoiser.js").Denoiser} Denoiser
 * @typedef {object} Symmetry swaps the axes or not, then multiplies each by its sign
 * @property {boolean} swap
 * @property {number[]} signs
 */

/** @type {Symmetry[]} */
const SYMMETRIES = [false, true].flatMap((swap) =>
  [1, -1].flatMap((s) => [1, -1].map((t) => ({ swap, signs: [s, t] }))),
);

/**
 * The mean over the symmetries g of g^-1 eps(g x).
 *
 * @param {Denoiser} denoiser
 * @returns {Denoiser}
 */
export function symmetrised(denoiser) {
  return (x, sigma, label) => {
    const mean = new Float64Array(x.length);
    for (const { swap, signs } of SYMMETRIES) {
      /** Where coordinate i of g x comes from, and coordinate i of g^-1 eps goes to. */
      const source = (/** @type {number} */ i) => (swap ? i ^ 1 : i);
      const eps = denoiser(
        x.map((_, i) => signs[i % 2] * x[source(i)]),
        sigma,
        label,
      );
      eps.forEach((value, i) => (mean[source(i)] += (signs[i % 2] * value) / SYMMETRIES.length));
    }
    return mean;
  };
}
