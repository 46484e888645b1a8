/**
 * One side of the panel: the trajectories of all points under one sampler, computed in small parts.
 *
 * @typedef {import("../../lib/diffusion/denoiser.js").Denoiser} Denoiser
 * @typedef {import("../../lib/diffusion/schedule.js").Schedule} Schedule
 * @typedef {object} Side
 * @property {Float64Array[]} states (n, 2) at each time; NaN where not yet computed
 * @property {number} nfe function evaluations per point
 * @property {() => Generator<void, void, void>} sample computes the trajectories that are not yet
 * @property {(i: number) => void} follow computes that of one point anew, from its start
 */
import { flow } from "../../lib/diffusion/samplers.js";
import { uniformTimes } from "../../lib/diffusion/schedule.js";
import { NFE, rk4Step } from "../../lib/diffusion/solvers.js";
import { makeRandom } from "../../lib/random.js";

const PART = 1000; // evaluations of the denoiser at a point between two yields
const CONVERGED = 200; // steps of Runge-Kutta
const STREAMS = 4096; // seeds of each sampling, at least as many as points
const SECOND_HALF = 2 ** 31; // of the seeds: the start noise has the first

/**
 * @param {Denoiser} denoiser
 * @param {Schedule} schedule
 * @param {Float64Array} start (n, 2), the state at t = 1; it may change before `follow`
 * @param {{ solver: string, steps: number, eta: number, seed: number }} options
 * @returns {Side}
 */
export function makeSide(denoiser, schedule, start, { solver, steps, eta, seed }) {
  const n = start.length / 2;
  const nfe = NFE[/** @type {keyof typeof NFE} */ (solver)] * steps + Number(solver === "euler");
  const times = uniformTimes(steps);
  let done = 0; // points
  const states = times.map((_, step) => (step ? new Float64Array(2 * n).fill(NaN) : start.slice()));

  /** Noise that depends on the point alone, so that a point that moves keeps its own. */
  const noiseOf = (/** @type {number} */ from, /** @type {number} */ to) => {
    const streams = Array.from({ length: to - from }, (_, i) =>
      makeRandom(SECOND_HALF + seed * STREAMS + from + i),
    );
    const normals = () =>
      Float64Array.from({ length: 2 * (to - from) }, (_, i) => streams[i >> 1].normal());
    return { uniform: streams[0].uniform, normal: streams[0].normal, normals };
  };

  function compute(/** @type {number} */ from, /** @type {number} */ to) {
    const random = eta ? noiseOf(from, to) : undefined;
    const options = { times, solver, label: null, eta, random };
    const part = start.slice(2 * from, 2 * to);
    let step = 0;
    for (const x of flow(denoiser, schedule, part, options)) states[step++].set(x, 2 * from);
  }

  return {
    states,
    nfe,
    *sample() {
      const size = Math.max(1, Math.floor(PART / nfe));
      while (done < n) {
        const to = Math.min(done + size, n);
        compute(done, to);
        done = to;
        yield;
      }
    },
    follow: (i) => compute(i, i + 1),
  };
}

/**
 * Follows the probability flow of points to where it really ends, at t = 0: dx/d log sigma =
 * sigma eps, in many Runge-Kutta steps. Fills the ends that are NaN.
 *
 * @param {Denoiser} denoiser
 * @param {Schedule} schedule
 * @param {Float64Array} start (n, 2)
 * @param {Float64Array} ends (m, 2) for the first m of these points
 * @returns {Generator<void, void, void>}
 */
export function* converge(denoiser, schedule, start, ends) {
  const slope = (/** @type {Float64Array} */ x, /** @type {number} */ logSigma) => {
    const sigma = Math.exp(logSigma);
    return denoiser(x, sigma, null).map((eps) => sigma * eps);
  };
  const high = Math.log(schedule.sigma(1));
  const step = (Math.log(schedule.sigma(0)) - high) / CONVERGED;
  for (let i = 0; i < ends.length; i += 2) {
    if (!Number.isNaN(ends[i])) continue;
    let x = start.slice(i, i + 2);
    for (let j = 0; j < CONVERGED; j++) {
      x = rk4Step(slope, x, high + j * step, high + (j + 1) * step);
    }
    ends.set(x, i);
    yield;
  }
}
