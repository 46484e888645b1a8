/**
 * Solvers of the probability-flow ODE dx = eps dsigma (lookingglass/diffusion/solvers.py, which has
 * the sources). Each takes x, the state at times[0], and yields the state at each of `times`, x
 * itself first.
 *
 * @typedef {import("./denoiser.js").Denoiser} Denoiser
 * @typedef {import("./schedule.js").Schedule} Schedule
 * @typedef {(denoiser: Denoiser, schedule: Schedule, x: Float64Array, times: number[],
 *   label: number | null) => Generator<Float64Array, void, void>} Solver
 */

/** Euler steps in t, the update of Algorithm 1. @type {Solver} */
function* euler(denoiser, schedule, x, times, label) {
  yield x;
  for (const [t, tNext] of pairwise(times)) {
    const eps = denoiser(x, schedule.sigma(t), label);
    x = add(x, schedule.sigmaDot(t) * (tNext - t), eps);
    yield x;
  }
}

/** Euler steps in sigma, exact where eps is constant. @type {Solver} */
function* ddim(denoiser, schedule, x, times, label) {
  yield x;
  for (const [sigma, sigmaNext] of pairwise(times.map(schedule.sigma))) {
    x = add(x, sigmaNext - sigma, denoiser(x, sigma, label));
    yield x;
  }
}

/** Heun's second-order steps in sigma. @type {Solver} */
function* heun(denoiser, schedule, x, times, label) {
  yield x;
  for (const [sigma, sigmaNext] of pairwise(times.map(schedule.sigma))) {
    const dsigma = sigmaNext - sigma;
    const eps = denoiser(x, sigma, label);
    const epsNext = denoiser(add(x, dsigma, eps), sigmaNext, label);
    x = add(x, dsigma / 2, add(eps, 1, epsNext));
    yield x;
  }
}

/** Second-order steps in log sigma, DPM-Solver++(2M). @type {Solver} */
function* dpmpp2m(denoiser, schedule, x, times, label) {
  yield x;
  /** @type {Float64Array | null} */
  let x_0Last = null;
  let hLast = NaN;
  for (const [sigma, sigmaNext] of pairwise(times.map(schedule.sigma))) {
    const x_0 = add(x, -sigma, denoiser(x, sigma, label));
    const h = Math.log(sigma / sigmaNext);
    const target = x_0Last ? add(x_0, h / hLast / 2, add(x_0, -1, x_0Last)) : x_0;
    const ratio = sigmaNext / sigma;
    x = add(target, ratio, add(x, -1, target)); // ratio x + (1 - ratio) target
    [x_0Last, hLast] = [x_0, h];
    yield x;
  }
}

/** The classical fourth-order Runge-Kutta steps in sigma. @type {Solver} */
function* rk4(denoiser, schedule, x, times, label) {
  yield x;
  for (const [sigma, sigmaNext] of pairwise(times.map(schedule.sigma))) {
    x = rk4Step((x, sigma) => denoiser(x, sigma, label), x, sigma, sigmaNext);
    yield x;
  }
}

/**
 * One Runge-Kutta step of dx/ds = slope(x, s) from s to sNext.
 *
 * @param {(x: Float64Array, s: number) => Float64Array} slope
 * @param {Float64Array} x
 * @param {number} s
 * @param {number} sNext
 */
export function rk4Step(slope, x, s, sNext) {
  const h = sNext - s;
  const k1 = slope(x, s);
  const k2 = slope(add(x, h / 2, k1), s + h / 2);
  const k3 = slope(add(x, h / 2, k2), s + h / 2);
  const k4 = slope(add(x, h, k3), sNext);
  return x.map((value, i) => value + (h / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]));
}

/** @type {Record<string, Solver>} */
export const SOLVERS = { euler, ddim, heun, dpmpp_2m: dpmpp2m, rk4 };

/** Number of function evaluations (calls of the denoiser) per step. @type {Record<string, number>} */
export const NFE = { euler: 1, ddim: 1, heun: 2, dpmpp_2m: 1, rk4: 4 };

/**
 * x + scale y.
 *
 * @param {Float64Array} x
 * @param {number} scale
 * @param {Float64Array} y of x's length
 */
export function add(x, scale, y) {
  return x.map((value, i) => value + scale * y[i]);
}

/**
 * Each number with the one after it.
 *
 * @param {number[]} numbers
 * @returns {[number, number][]}
 */
export function pairwise(numbers) {
  return numbers.slice(1).map((next, i) => [numbers[i], next]);
}
