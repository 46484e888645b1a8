/**
 * What the panel shows, as a value, and its limits.
 *
 * @typedef {object} View
 * @property {string} class the class's number
 * @property {number} w guidance weight
 * @property {number} n points
 * @property {number} steps
 * @property {string} solver
 * @property {number} seed of the noise
 * @property {number} t the time that is shown, 1 (noise) to 0
 *
 * @typedef {import("../../lib/diffusion/load.js").Diffusion} Diffusion
 */
import { checkCount, checkNumber, pick } from "../../lib/check.js";
import { classWeight } from "../../lib/diffusion/tilted.js";
import { fill } from "../../ui/dom.js";
import { words as all } from "../../words/index.js";

const words = all.guidance;

const MOST_W = 100; // in a link, as in the pipeline; the slider ends at 10
const MOST_POINTS = 3000;
const MOST_STEPS = 1000;
export const MOST_SEED = 2 ** 19 - 1; // so that each point has a seed of its own
const MOST_PIPELINE = 100_000; // points of all classes together

/** @type {View} */
export const INITIAL = { class: "1", w: 1, n: 600, steps: 50, solver: "heun", seed: 0, t: 0 };

/**
 * The values and texts of each <select>.
 *
 * @param {Diffusion} diffusion
 */
export function choicesOf({ regions }) {
  const numbers = regions.map((_, label) => [String(label), String(label)]);
  return { class: Object.fromEntries(numbers), solver: all.noiseToData.solvers };
}

/**
 * @param {Diffusion} diffusion
 * @returns {(view: View) => void} throws a RangeError, whose message is a sentence, for a wrong view
 */
export function makeCheck(diffusion) {
  const choices = choicesOf(diffusion);
  return (view) => {
    pick(words.class, choices.class, view.class);
    if (!classWeight(diffusion, Number(view.class))) {
      throw new RangeError(fill(words.empty, { CLASS: view.class }));
    }
    pick(words.solver, choices.solver, view.solver);
    checkNumber(words.w, view.w, 0, MOST_W);
    checkCount(words.n, view.n, 1, MOST_POINTS);
    checkCount(words.steps, view.steps, 1, MOST_STEPS);
    checkCount(words.seed, view.seed, 0, MOST_SEED);
    checkNumber(words.time, view.t, 0, 1);
  };
}

/**
 * The step whose time is nearest to the view's.
 *
 * @param {View} view
 */
export function stepOf({ t, steps }) {
  return Math.round((1 - t) * steps);
}

/**
 * The time of a step, rounded so that links are short; stepOf gives the step again.
 *
 * @param {number} step
 * @param {number} steps
 */
export function timeOf(step, steps) {
  return Number((1 - step / steps).toFixed(4));
}

/**
 * The command that makes the view's setting in the pipeline; null if no stage does.
 *
 * @param {View} view
 * @param {Diffusion} diffusion
 */
export function pipelineCommand(view, diffusion) {
  if (view.solver !== "heun" || view.w === 0) return null;
  const strengths = [...new Set([1, view.w])].sort((a, b) => a - b); // the report needs 1
  // the pipeline's points are of all classes: this many, for the class to have n
  const points = Math.round(view.n / classWeight(diffusion, Number(view.class)));
  const values = {
    guidance: `[${strengths.join(",")}]`,
    guided_steps: view.steps,
    points: Math.min(points, MOST_PIPELINE),
  };
  const settings = Object.entries(values).map(([key, value]) =>
    key === "guidance" // quoted, since shells look for files that match brackets
      ? `-S 'sample_conditional.${key}=${value}'`
      : `-S sample_conditional.${key}=${value}`,
  );
  return `dvc exp run ${settings.join(" ")}`;
}
