/**
 * window.lookingGlass.diffusion: plain nested arrays in and out, names as in the library.
 *
 * Wrong input raises a RangeError whose message is a sentence.
 *
 * @typedef {import("./load.js").Diffusion} Diffusion
 */
import { makeRandom } from "../random.js";
import { checkCount, checkNumber, pick, toFlat, toPairs } from "../check.js";
import { guide } from "./denoiser.js";
import { elbo } from "./elbo.js";
import { flowLogDensity } from "./flow_density.js";
import { STANDARD, matchedPrior } from "./prior.js";
import { flow } from "./samplers.js";
import { uniformTimes } from "./schedule.js";
import { SOLVERS } from "./solvers.js";

const MOST = 100_000; // steps or draws

/** @param {Diffusion} diffusion */
export function diffusionApi({ denoisers, schedules, truthOf, classes }) {
  const trained = schedules.exponential;

  const checkLabel = (/** @type {number | null} */ label) => {
    if (label !== null) checkCount("label", label, 0, classes - 1);
  };

  const denoiserOf = (/** @type {string} */ model, /** @type {number | null} */ label) => {
    checkLabel(label);
    return pick("model", denoisers, model);
  };

  const levelsOf = (/** @type {number | number[]} */ sigma) => {
    for (const level of [sigma].flat()) checkNumber("sigma", level, Number.MIN_VALUE, 1e9);
    return typeof sigma === "number" ? sigma : Float64Array.from(sigma);
  };

  /** standard, or matched to the truth of the class. */
  const priorOf = (/** @type {string} */ name, /** @type {number | null} */ label) => {
    const matched = () => matchedPrior(truthOf(label), trained.sigma(1));
    return pick("prior", { standard: () => STANDARD, matched }, name)();
  };

  /**
   * The noise that a model predicts in points, (n, 2).
   *
   * @param {string} model diffusion, plain, conditional or exact
   * @param {number[][]} points (n, 2)
   * @param {number | number[]} sigma above 0; one for all points, or one for each
   * @param {number | null} label a class, or null
   */
  function eps(model, points, sigma, label = null) {
    return toPairs(denoiserOf(model, label)(toFlat("points", points), levelsOf(sigma), label));
  }

  /**
   * The state at each of the times 1, 1 - 1/steps, ..., 0, (steps + 1, n, 2). `noise` (n, 2) is the
   * state at t = 1; `seed` that of the noise added in each step if eta > 0.
   *
   * @param {{ noise: number[][], model?: string, solver?: string, steps?: number,
   *   schedule?: string, eta?: number, label?: number | null, guidance?: number, seed?: number }}
   *   options
   */
  function sample({ noise, model = "diffusion", label = null, guidance = 0, ...others }) {
    const { solver = "euler", steps = 50, schedule = "exponential", eta = 0, seed = 0 } = others;
    checkCount("steps", steps, 1, MOST);
    checkNumber("eta", eta, 0, 1);
    checkNumber("guidance", guidance, -1, 100);
    pick("solver", SOLVERS, solver);
    const denoiser = guide(denoiserOf(model, label), guidance);
    const options = { times: uniformTimes(steps), solver, label, eta, random: makeRandom(seed) };
    const chosen = pick("schedule", schedules, schedule);
    return Array.from(flow(denoiser, chosen, toFlat("noise", noise), options), toPairs);
  }

  /**
   * The evidence lower bound of log p(point | label) and its terms, from at least `draws` draws;
   * `steps` is T of equation 9, or null for continuous time.
   *
   * @param {{ point: number[], model?: string, label?: number | null, draws?: number,
   *   steps?: number | null, prior?: string, seed?: number }} options
   * @returns {import("./elbo.js").Elbo}
   */
  function elboOf({ point, model = "diffusion", label = null, draws = 8192, ...others }) {
    const { steps = null, prior = "standard", seed = 0 } = others;
    checkCount("draws", draws, 2, MOST);
    if (steps !== null) checkCount("steps", steps, 1, MOST);
    const denoiser = denoiserOf(model, label);
    const options = { random: makeRandom(seed), steps, prior: priorOf(prior, label), label };
    const estimates = elbo(toFlat("point", [point]), denoiser, trained, options);
    let estimate = estimates.next().value;
    while (estimate.draws < draws) estimate = estimates.next().value;
    return estimate;
  }

  /**
   * log p(point | label) of what the probability flow samples, (n), in nats.
   *
   * @param {{ points: number[][], model?: string, label?: number | null, steps?: number,
   *   prior?: string }} options
   */
  function flowOf({ points, model = "diffusion", label = null, steps = 100, prior = "standard" }) {
    checkCount("steps", steps, 1, MOST);
    const denoiser = denoiserOf(model, label);
    const options = { steps, prior: priorOf(prior, label), label };
    return Array.from(flowLogDensity(toFlat("points", points), denoiser, trained, options));
  }

  /**
   * The truth's log p(point | label; sigma), (n), in nats.
   *
   * @param {number[][]} points
   * @param {number | number[]} sigma
   * @param {number | null} label
   */
  function logDensity(points, sigma, label = null) {
    checkLabel(label);
    return Array.from(truthOf(label).logDensity(toFlat("points", points), levelsOf(sigma)));
  }

  return { eps, sample, elbo: elboOf, flowLogDensity: flowOf, logDensity };
}
