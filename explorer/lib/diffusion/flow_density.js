/**
 * The log-probability of a point by the probability flow (lookingglass/diffusion/likelihood.py).
 *
 * @typedef {import("./denoiser.js").Denoiser} Denoiser
 * @typedef {import("./prior.js").Prior} Prior
 * @typedef {import("./schedule.js").Schedule} Schedule
 */
import { STANDARD, logDensity } from "./prior.js";
import { rk4Step } from "./solvers.js";

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
  const work = flowLogDensitySteps(x, denoiser, schedule, options);
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

/**
 * The same in slices: yields after each step, and returns the log density.
 *
 * @param {Float64Array} x (n, 2)
 * @param {Denoiser} denoiser
 * @param {Schedule} schedule
 * @param {{ steps?: number, prior?: Prior, label?: number | null }} options as flowLogDensity
 * @returns {Generator<void, Float64Array, void>}
 */
export function* flowLogDensitySteps(x, denoiser, schedule, options) {
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
    yield;
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
