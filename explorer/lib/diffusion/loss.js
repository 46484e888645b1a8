/**
 * The loss and what is irreducible in it (lookingglass/diffusion/excess.py), per dimension.
 *
 * @typedef {import("../random.js").Random} Random
 * @typedef {import("./denoiser.js").Denoiser} Denoiser
 * @typedef {object} Errors mean squared differences, per dimension; eps is the true noise
 * @property {number} loss of the network's prediction to eps
 * @property {number} floor of the exact denoiser's prediction to eps: the irreducible loss
 * @property {number} excess of the network's prediction to the exact one
 *
 * @typedef {object} Averages
 * @property {Errors} mean over all draws so far
 * @property {Errors} error the standard errors of these
 * @property {number} draws so far
 */

const NAMES = /** @type {const} */ (["loss", "floor", "excess"]);
const BATCH = 50;

/**
 * The errors at each of n points.
 *
 * @param {Float64Array} eps (n, 2)
 * @param {Float64Array} predicted (n, 2) by a network
 * @param {Float64Array} exact (n, 2) by the exact denoiser
 * @returns {Record<keyof Errors, Float64Array>} (n)
 */
export function errorsOf(eps, predicted, exact) {
  const between = (/** @type {Float64Array} */ a, /** @type {Float64Array} */ b) =>
    new Float64Array(a.length / 2).map(
      (_, i) => ((a[2 * i] - b[2 * i]) ** 2 + (a[2 * i + 1] - b[2 * i + 1]) ** 2) / 2,
    );
  return {
    loss: between(predicted, eps),
    floor: between(exact, eps),
    excess: between(predicted, exact),
  };
}

/**
 * Averages at one noise level that converge as newly drawn points and noise are added. It never
 * ends; take as many as you like.
 *
 * @param {Denoiser} denoiser
 * @param {Denoiser} exact
 * @param {number} sigma
 * @param {Random} random
 * @param {(random: Random, n: number) => Float64Array} sample draws points of the data, (n, 2)
 * @returns {Generator<Averages, never, void>}
 */
export function* averageErrors(denoiser, exact, sigma, random, sample) {
  const mean = { loss: 0, floor: 0, excess: 0 };
  const squares = { loss: 0, floor: 0, excess: 0 };
  let draws = 0;
  while (true) {
    const x_0 = sample(random, BATCH);
    const eps = random.normals(2 * BATCH);
    const x_t = x_0.map((value, i) => value + sigma * eps[i]);
    const errors = errorsOf(eps, denoiser(x_t, sigma, null), exact(x_t, sigma, null));
    for (let i = 0; i < BATCH; i++) {
      draws += 1;
      for (const name of NAMES) {
        const offset = errors[name][i] - mean[name];
        mean[name] += offset / draws;
        squares[name] += offset * (errors[name][i] - mean[name]); // Welford's
      }
    }
    const error = { ...squares };
    for (const name of NAMES) error[name] = Math.sqrt(squares[name] / (draws - 1) / draws);
    yield { mean: { ...mean }, error, draws };
  }
}

/**
 * A function that draws points of the data: of the square, or of a user's own points.
 *
 * @param {{ square: boolean, points: Float64Array }} data
 * @returns {(random: Random, n: number) => Float64Array} (n, 2)
 */
export function samplerOf({ square, points }) {
  if (square) {
    return ({ uniform }, n) => Float64Array.from({ length: 2 * n }, () => 2 * uniform() - 1);
  }
  return ({ uniform }, n) => {
    const drawn = new Float64Array(2 * n);
    for (let i = 0; i < n; i++) {
      const j = Math.floor((uniform() * points.length) / 2);
      drawn.set(points.subarray(2 * j, 2 * j + 2), 2 * i);
    }
    return drawn;
  };
}
