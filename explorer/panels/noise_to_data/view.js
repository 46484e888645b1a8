/**
 * What the panel shows, as a value, and its limits.
 *
 * @typedef {object} View
 * @property {number} n points
 * @property {string} left model
 * @property {string} leftSolver
 * @property {string} right model
 * @property {string} rightSolver
 * @property {number} steps
 * @property {string} schedule
 * @property {string} prior
 * @property {number} eta
 * @property {number} seed of the noise
 * @property {number} step that is shown, 0 (t = 1) to steps (t = 0)
 * @property {number} point that is chosen; -1 for none
 * @property {[number, number, number][]} moved index, x and y of each start that was dragged
 */
import { checkCount, checkNumber, pick } from "../../lib/check.js";
import { fill } from "../../ui/dom.js";
import { toNumber } from "../../ui/form.js";
import { words as all } from "../../words/index.js";

const words = all.noiseToData;
const { diffusion, plain, exact } = all.common.models;
const models = { diffusion, plain, exact };

const MOST_POINTS = 3000;
const MOST_STEPS = 1000;
const MOST_SEED = 2 ** 19 - 1; // so that each point has a seed for the noise of its steps
const FAR = 100; // where a start may be put at most

/** @type {View} */
export const INITIAL = {
  n: 1000,
  left: "diffusion",
  leftSolver: "euler",
  right: "exact",
  rightSolver: "euler",
  steps: 50,
  schedule: "exponential",
  prior: "standard",
  eta: 0,
  seed: 0,
  step: 0,
  point: -1,
  moved: [],
};

export const CHOICES = {
  left: models,
  leftSolver: words.solvers,
  right: models,
  rightSolver: words.solvers,
  schedule: words.schedules,
  prior: words.priors,
};

/** Moved points in a link. */
export const MOVED = {
  parse: (/** @type {string} */ text) =>
    text.split(",").map((item) => item.split(":").map(toNumber)),
  text: (/** @type {View["moved"]} */ moved) => moved.map((item) => item.join(":")).join(","),
};

/**
 * @param {View} view
 * @returns {void} throws a RangeError, whose message is a sentence, if it is wrong
 */
export function checkView(view) {
  checkCount(words.n, view.n, 1, MOST_POINTS);
  checkCount(words.steps, view.steps, 1, MOST_STEPS);
  checkCount(words.seed, view.seed, 0, MOST_SEED);
  checkCount(words.step, view.step, 0, view.steps);
  checkCount(words.point, view.point, -1, view.n - 1);
  checkNumber(words.eta, view.eta, 0, 1);
  for (const [name, known] of Object.entries(CHOICES)) {
    const what = /** @type {Record<string, any>} */ (words)[name] ?? words.solver;
    pick(what, known, /** @type {any} */ (view)[name]);
  }
  if (view.eta > 0 && [view.leftSolver, view.rightSolver].includes("dpmpp_2m")) {
    throw new RangeError(fill(words.etaSolver, { ETA: view.eta }));
  }
  for (const [i, x, y] of view.moved) {
    const known = Number.isInteger(i) && i >= 0 && i < view.n;
    if (known && Math.abs(x) <= FAR && Math.abs(y) <= FAR) continue;
    throw new RangeError(fill(words.pair, { WHAT: words.moved }));
  }
}

/**
 * The view after a control's change: at the same time, without points that are no longer there.
 *
 * @param {View} view
 * @param {Partial<View>} changes
 * @returns {View}
 */
export function change(view, changes) {
  const next = { ...view, ...changes };
  const { n, steps } = next;
  return {
    ...next,
    step: changes.step ?? (Math.round((view.step / view.steps) * steps) || 0),
    moved: view.moved.filter(([i]) => i < n),
    point: view.point < n ? view.point : -1,
  };
}

/**
 * Where a start is put: rounded, so that a link reopens exactly this, and not too far.
 *
 * @param {number} coordinate
 */
export function place(coordinate) {
  return Number(Math.min(Math.max(coordinate, -FAR), FAR).toFixed(4));
}

/**
 * The command that makes the view's setting in the pipeline; null if no stage does.
 *
 * @param {View} view
 */
export function pipelineCommand(view) {
  const { n, steps, prior } = view;
  const network =
    (view.left === "diffusion" && view.leftSolver === "euler") ||
    (view.right === "diffusion" && view.rightSolver === "euler");
  if (!network || view.schedule !== "exponential" || view.eta !== 0) return null;
  return `dvc exp run -S sample.points=${n} -S sample.steps=${steps} -S sample.prior=${prior}`;
}
