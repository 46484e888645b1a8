/**
 * What the panel shows, as a value: its limits, and as the fragment of a link.
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
import { checkCount, checkNumber, pick } from "../../lib/diffusion/check.js";
import { diffusionWords as words, fill } from "../words_diffusion.js";

const MOST_POINTS = 3000;
const MOST_STEPS = 1000;
const MOST_SEED = 2 ** 19 - 1; // so that each point has a seed for the noise of its steps
const FAR = 100; // where a start may be put at most

/** @type {View} */
export const DEFAULT = {
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

const CHOICES = {
  left: words.models,
  leftSolver: words.solvers,
  right: words.models,
  rightSolver: words.solvers,
  schedule: words.schedules,
  prior: words.priors,
};

/**
 * @param {View} view
 * @returns {View} the same one; throws a RangeError, whose message is a sentence, if it is wrong
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
  return view;
}

/**
 * The fragment's view; what it does not say is as in DEFAULT. Keys of other panels are passed over.
 *
 * @param {string} fragment
 * @returns {View} throws a RangeError if it is wrong
 */
export function fromFragment(fragment) {
  /** @type {Record<string, any>} */
  const view = { ...DEFAULT };
  for (const [key, text] of new URLSearchParams(fragment.replace(/^#/, ""))) {
    if (!Object.hasOwn(DEFAULT, key)) continue;
    if (key === "moved") view.moved = text.split(",").map((item) => item.split(":").map(toNumber));
    else view[key] = Object.hasOwn(CHOICES, key) ? text : toNumber(text);
  }
  return checkView(/** @type {View} */ (view));
}

/**
 * The fragment with this view in it: what differs from DEFAULT, after the keys of other panels.
 *
 * @param {string} fragment that the page has
 * @param {View} view
 */
export function toFragment(fragment, view) {
  const others = new URLSearchParams(fragment.replace(/^#/, ""));
  for (const [key, value] of Object.entries(view)) {
    others.delete(key);
    if (key === "moved") {
      const items = view.moved.map(([i, x, y]) => `${i}:${x}:${y}`);
      if (items.length) others.set(key, items.join(","));
    } else if (value !== /** @type {any} */ (DEFAULT)[key]) others.set(key, String(value));
  }
  return others.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
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

/** NaN for a text without a number, which Number takes for 0. @type {(text: string) => number} */
function toNumber(text) {
  return text.trim() ? Number(text) : NaN;
}
