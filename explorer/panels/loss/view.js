/**
 * What the panel shows, as a value, and its limits.
 *
 * @typedef {object} View
 * @property {number} t
 * @property {number} x of the data point x_0
 * @property {number} y
 * @property {number} ex of the noise eps
 * @property {number} ey
 * @property {string} model
 * @property {string} draws over which errors are averaged
 * @property {number} seed of these
 * @property {string} handle what arrow keys move: data or noise
 * @property {boolean} snap whether x_0 stays among the training points
 * @property {boolean} zoom whether the picture is as large as the noise
 */
import { checkCount, checkNumber, pick } from "../../lib/check.js";
import { rounded } from "../../ui/placing.js";
import { words as all } from "../../words/index.js";

const words = all.loss;
const { diffusion, plain } = all.common.models;

const FAR = 100;
const MOST_NOISE = 10; // standard deviations: as far as the noise can be dragged
const MOST_SEED = 2 ** 32 - 1;

/** @type {View} */
export const INITIAL = {
  t: 0.85,
  x: 0.6,
  y: 0.3,
  ex: 1.4,
  ey: 0.9,
  model: "diffusion",
  draws: "4000",
  seed: 0,
  handle: "noise",
  snap: false,
  zoom: false,
};

export const CHOICES = {
  model: { diffusion, plain },
  draws: Object.fromEntries([1000, 4000, 20_000].map((n) => [n, n.toLocaleString("en")])),
  handle: words.handles,
};

/**
 * @param {View} view
 * @returns {void} throws a RangeError, whose message is a sentence, if it is wrong
 */
export function checkView(view) {
  checkNumber(words.t, view.t, 0, 1);
  for (const name of /** @type {const} */ (["x", "y"])) {
    checkNumber(words[name], view[name], -FAR, FAR);
  }
  for (const name of /** @type {const} */ (["ex", "ey"])) {
    checkNumber(words[name], view[name], -MOST_NOISE, MOST_NOISE);
  }
  checkCount(words.seed, view.seed, 0, MOST_SEED);
  for (const name of /** @type {const} */ (["model", "draws", "handle"])) {
    pick(words[name], CHOICES[name], view[name]);
  }
}

/**
 * The view after a control's change, with x_0 among the training points if it is to be.
 *
 * @param {View} view
 * @param {Partial<View>} changes
 * @param {Float64Array} points (n, 2), the training points
 */
export function change(view, changes, points) {
  const next = { ...view, ...changes };
  const moved = ["x", "y", "snap"].some((name) => name in changes);
  // a wrong number is left for the check
  return moved && Number.isFinite(next.x + next.y)
    ? withData(next, [next.x, next.y], points)
    : next;
}

/**
 * The view with x_0 at a point, or at the training point nearest to it.
 *
 * @param {View} view
 * @param {[number, number]} at
 * @param {Float64Array} points (n, 2), the training points
 * @returns {View}
 */
export function withData(view, at, points) {
  let [x, y] = at;
  if (view.snap) {
    const i = nearest(points, at);
    [x, y] = points.subarray(2 * i, 2 * i + 2);
  }
  return { ...view, x: rounded(x), y: rounded(y) };
}

/** The index of the point nearest to another. @type {(p: Float64Array, at: number[]) => number} */
export function nearest(points, [x, y]) {
  let [index, least] = [0, Infinity];
  for (let i = 0; i < points.length; i += 2) {
    const square = (points[i] - x) ** 2 + (points[i + 1] - y) ** 2;
    if (square < least) [index, least] = [i / 2, square];
  }
  return index;
}

/**
 * The view with the noise that brings x_0 to a point.
 *
 * @param {View} view
 * @param {[number, number]} at
 * @param {number} sigma
 * @returns {View}
 */
export function withNoisy(view, [x, y], sigma) {
  const ex = rounded((x - view.x) / sigma, MOST_NOISE);
  return { ...view, ex, ey: rounded((y - view.y) / sigma, MOST_NOISE) };
}

/** The command that computes the excess against t in the pipeline. @param {View} view */
export function pipelineCommand({ model, draws, seed }) {
  const stage = `evaluate_${model}`;
  return `dvc exp run -S ${stage}.level_draws=${draws} -S ${stage}.seed=${seed}`;
}
