/**
 * The log-probability of a point: the evidence lower bound, and the flow's value
 * (lookingglass/diffusion/likelihood.py, which explains both).
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
import { STANDARD, klFrom, logDensity } from "./prior.js";
import { rk4Step } from "./solvers.js";

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

/**
 * log p(x | label; sigma_0) of what the probability-flow ODE samples, in nats.
 *
 * dx/dsigma = eps, so d log p / dsigma = -div eps along the trajectory, integrated up to sigma_1
 * with `steps` Runge-Kutta steps of equal length in log sigma.
 *
 * @param {Float64Array} x (n, 2)
 * @param {Denoiser} denoiser
 * @param {Schedule} schedule
 * @param {object} options
 * @param {number} [options.steps]
 * @param {Prior} [options.prior] what sampling starts from
 * @param {number | null} [options.label]
 * @returns {Float64Array} (n)
 */
export function flowLogDensity(x, denoiser, schedule, options) {
  const { steps = 100, prior = STANDARD, label = null } = options;
  const n = x.length / 2;
  /** d(x, -log p) / d log sigma = sigma (eps, div eps), the points first, then the densities. */
  const slope = (/** @type {Float64Array} */ state, /** @type {number} */ logSigma) => {
    const sigma = Math.exp(logSigma);
    const points = state.subarray(0, 2 * n);
    const change = new Float64Array(3 * n);
    change.set(denoiser(points, sigma, label));
    change.set(divergence(denoiser, points, sigma, label), 2 * n);
    return change.map((value) => sigma * value);
  };
  const low = Math.log(schedule.sigma(0));
  const step = (Math.log(schedule.sigma(1)) - low) / steps;
  let state = new Float64Array(3 * n);
  state.set(x);
  for (let i = 0; i < steps; i++) {
    state = rk4Step(slope, state, low + i * step, low + (i + 1) * step);
  }
  return logDensity(prior, state.subarray(0, 2 * n)).map((value, i) => value + state[2 * n + i]);
}

/**
 * d eps_x / dx + d eps_y / dy by central differences.
 *
 * eps changes over distances of sigma, so steps of 1e-4 sigma are wrong by about 1e-8 / sigma,
 * except within a step of a leaky ReLU's kink, where the divergence itself jumps.
 *
 * @param {Denoiser} denoiser
 * @param {Float64Array} x (n, 2)
 * @param {number} sigma
 * @param {number | null} label
 * @returns {Float64Array} (n)
 */
export function divergence(denoiser, x, sigma, label) {
  const h = 1e-4 * sigma;
  const total = new Float64Array(x.length / 2);
  for (const axis of [0, 1]) {
    const moved = (/** @type {number} */ by) =>
      denoiser(
        x.map((value, i) => (i % 2 === axis ? value + by : value)),
        sigma,
        label,
      );
    const [after, before] = [moved(h), moved(-h)];
    for (let i = 0; i < total.length; i++) {
      total[i] += (after[2 * i + axis] - before[2 * i + axis]) / (2 * h);
    }
  }
  return total;
}
