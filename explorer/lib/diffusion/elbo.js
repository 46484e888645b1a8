/**
 * The evidence lower bound of a point's log-probability (lookingglass/diffusion/likelihood.py).
 *
 * @typedef {import("../random.js").Random} Random
 * @typedef {import("./denoiser.js").Denoiser} Denoiser
 * @typedef {import("./prior.js").Prior} Prior
 * @typedef {import("./schedule.js").Schedule} Schedule
 * @typedef {object} Elbo the evidence lower bound of log p(x), in nats, and its terms
 * @property {number} diffusion -L_T of the exercise's equation 9, at most 0
 * @property {number} prior -KL(q(x_1 | x) | prior), at most 0
 * @property {number} reconstruction -log(2 pi e sigma_0^2)
 * @property {number} total the sum of these
 * @property {number} standardError of `diffusion`, the only Monte Carlo term
 * @property {number} draws of time and noise so far
 */
import { STANDARD, klFrom } from "./prior.js";

const BATCH = 256;

/**
 * Estimates of the evidence lower bound of log p(x | label) that converge as draws are added: each
 * value that it yields is that of all draws so far. It never ends; take as many as you like.
 *
 * @param {Float64Array} x one point
 * @param {Denoiser} denoiser
 * @param {Schedule} schedule
 * @param {object} options
 * @param {Random} options.random for the draws
 * @param {number | null} [options.steps] T of equation 9; null for the continuous-time limit, which
 *   is the tightest
 * @param {number} [options.batch] draws to add each time, at least 2
 * @param {Prior} [options.prior] what sampling starts from
 * @param {number | null} [options.label]
 * @returns {Generator<Elbo, never, void>}
 */
export function* elbo(x, denoiser, schedule, options) {
  const { random, steps = null, batch = BATCH, prior = STANDARD, label = null } = options;
  const priorTerm = -klFrom(prior, x, schedule.sigma(1))[0];
  const reconstruction = -Math.log(2 * Math.PI * Math.E * schedule.sigma(0) ** 2);
  let [draws, mean, squares] = [0, 0, 0];
  while (true) {
    for (const term of diffusionTerms(x, denoiser, schedule, random, steps, batch, label)) {
      draws += 1;
      const offset = term - mean;
      mean += offset / draws;
      squares += offset * (term - mean); // Welford's: the sum of squared deviations so far
    }
    yield {
      diffusion: mean,
      prior: priorTerm,
      reconstruction,
      total: mean + priorTerm + reconstruction,
      standardError: Math.sqrt(squares / (draws - 1) / draws),
      draws,
    };
  }
}

/**
 * Unbiased draws of the ELBO's diffusion term.
 *
 * @param {Float64Array} x one point
 * @param {Denoiser} denoiser
 * @param {Schedule} schedule
 * @param {Random} random
 * @param {number | null} steps
 * @param {number} draws
 * @param {number | null} label
 */
function diffusionTerms(x, denoiser, schedule, random, steps, draws, label) {
  const times = Float64Array.from({ length: draws }, () => {
    const u = random.uniform();
    return steps === null ? u : Math.ceil(u * steps) / steps;
  });
  const sigma = times.map(schedule.sigma);
  const eps = random.normals(2 * draws);
  const x_t = eps.map((value, i) => x[i % 2] + sigma[i >> 1] * value);
  const predicted = denoiser(x_t, sigma, label);
  return times.map((t, i) => {
    const error =
      (predicted[2 * i] - eps[2 * i]) ** 2 + (predicted[2 * i + 1] - eps[2 * i + 1]) ** 2;
    // -d SNR/dt sigma^2 / 2, or with steps its finite difference
    const weight =
      steps === null
        ? schedule.sigmaDot(t) / sigma[i]
        : (steps / 2) * ((sigma[i] / schedule.sigma(t - 1 / steps)) ** 2 - 1);
    return -weight * error;
  });
}
