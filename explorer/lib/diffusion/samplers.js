/**
 * Sampling: from noise to data, by the ODE or by a reverse SDE (lookingglass/diffusion/samplers.py).
 *
 * @typedef {import("../random.js").Random} Random
 * @typedef {import("./denoiser.js").Denoiser} Denoiser
 * @typedef {import("./schedule.js").Schedule} Schedule
 */
import { SOLVERS, add, pairwise } from "./solvers.js";

/**
 * Follows z, the noise at times[0], to times[times.length - 1]; yields the state at each time.
 *
 * As in Algorithm 1, "euler" updates once more at the end, at t = 0, and the last state is the one
 * after that.
 *
 * @param {Denoiser} denoiser
 * @param {Schedule} schedule
 * @param {Float64Array} z (n, 2)
 * @param {object} options
 * @param {number[]} options.times at least two, in [0, 1], falling
 * @param {string} options.solver a key of SOLVERS
 * @param {number | null} options.label the class, for a conditional denoiser
 * @param {number} options.eta stochasticity, 0 (the ODE) to 1; above 0 it needs a solver other than
 *   "dpmpp_2m"
 * @param {Random} [options.random] draws the noise; needed if eta > 0
 * @returns {Generator<Float64Array, void, void>}
 */
export function* flow(denoiser, schedule, z, { times, solver, label, eta, random }) {
  if (eta && (!random || solver === "dpmpp_2m")) {
    throw new RangeError(`eta = ${eta}: needs random numbers, and a solver other than dpmpp_2m`);
  }
  const states =
    eta && random
      ? stochastic(denoiser, schedule, z, times, SOLVERS[solver], label, eta, random)
      : SOLVERS[solver](denoiser, schedule, z, times, label);
  let step = 0;
  for (let x of states) {
    if (++step === times.length && solver === "euler") {
      const [before, t] = times.slice(-2);
      const eps = denoiser(x, schedule.sigma(t), label);
      x = add(x, schedule.sigmaDot(t) * (t - before), eps);
    }
    yield x;
  }
}

/**
 * sigma_down, to which the ODE is followed, and sigma_up, the noise that is then added:
 * sigma_down^2 + sigma_up^2 = sigma_next^2, so the marginal variance is kept.
 *
 * @param {number} sigma
 * @param {number} sigmaNext
 * @param {number} eta
 * @returns {[number, number]}
 */
export function ancestralStep(sigma, sigmaNext, eta) {
  const sigmaUp = eta * sigmaNext * Math.sqrt(1 - (sigmaNext / sigma) ** 2);
  return [Math.sqrt(sigmaNext ** 2 - sigmaUp ** 2), sigmaUp];
}

/**
 * As a solver, but each step follows the ODE to sigma_down and adds noise sigma_up.
 *
 * @param {Denoiser} denoiser
 * @param {Schedule} schedule
 * @param {Float64Array} x
 * @param {number[]} times
 * @param {import("./solvers.js").Solver} solver
 * @param {number | null} label
 * @param {number} eta
 * @param {Random} random
 */
function* stochastic(denoiser, schedule, x, times, solver, label, eta, random) {
  yield x;
  for (const [t, tNext] of pairwise(times)) {
    const [sigma, sigmaNext] = [schedule.sigma(t), schedule.sigma(tNext)];
    const [sigmaDown, sigmaUp] = ancestralStep(sigma, sigmaNext, eta);
    // in the last step the time of sigma_down may be below 0, where schedules are defined, too
    const [, down] = solver(denoiser, schedule, x, [t, schedule.timeOf(sigmaDown)], label);
    x = add(down, sigmaUp, random.normals(x.length));
    yield x;
  }
}
