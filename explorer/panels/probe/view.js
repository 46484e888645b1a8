/**
 * What the panel shows, as a value, and its limits.
 *
 * @typedef {object} View
 * @property {number} x of the probe
 * @property {number} y
 * @property {string} model
 * @property {string} prior
 * @property {string} time continuous, or steps
 * @property {number} steps T
 * @property {string} draws at which the ELBO stops
 * @property {number} seed of these
 * @property {string} label of the row in the chart and the heat map: "any", or a class
 */
import { checkCount, checkNumber, pick } from "../../lib/check.js";
import { fill } from "../../ui/dom.js";
import { words as all } from "../../words/index.js";

const words = all.probe;
const { diffusion, plain, conditional } = all.common.models;

const FAR = 100;
const MOST_STEPS = 100_000;
const MOST_SEED = 2 ** 32 - 1;
const LEAST_POINTS = 8; // that the pipeline takes

/** @type {View} */
export const INITIAL = {
  x: 0.6,
  y: -0.5,
  model: "conditional",
  prior: "matched",
  time: "continuous",
  steps: 1000,
  draws: "8192",
  seed: 0,
  label: "any",
};

/**
 * @param {number} classes how many there are
 * @returns {Record<string, Record<string, string>>}
 */
export function choicesOf(classes) {
  const each = Array.from({ length: classes }, (_, i) => [i, fill(words.class, { CLASS: i })]);
  const counts = [1024, 8192, 32_768, 131_072].map((n) => [n, n.toLocaleString("en")]);
  return {
    model: { conditional, diffusion, plain },
    prior: words.priors,
    time: words.times,
    draws: Object.fromEntries(counts),
    label: { any: words.any, ...Object.fromEntries(each) },
  };
}

/** The labels that a view's model takes. @type {(view: View, classes: number) => string[]} */
export function labelsOf({ model }, classes) {
  return model === "conditional"
    ? ["any", ...Array.from({ length: classes }, (_, i) => String(i))]
    : ["any"];
}

/**
 * @param {View} view
 * @param {number} classes
 * @returns {void} throws a RangeError, whose message is a sentence, if it is wrong
 */
export function checkView(view, classes) {
  checkNumber(words.x, view.x, -FAR, FAR);
  checkNumber(words.y, view.y, -FAR, FAR);
  checkCount(words.steps, view.steps, 1, MOST_STEPS);
  checkCount(words.seed, view.seed, 0, MOST_SEED);
  for (const [name, known] of Object.entries(choicesOf(classes))) {
    const key = /** @type {"model" | "prior" | "time" | "draws" | "label"} */ (name);
    pick(words[key], known, view[key]);
  }
  const labels = labelsOf(view, classes);
  pick(words.label, Object.fromEntries(labels.map((label) => [label, label])), view.label);
}

/**
 * The view after a control's change: a network without classes shows any class, and a class is
 * shown by the network that knows them.
 *
 * @param {View} view
 * @param {Partial<View>} changes
 * @returns {View}
 */
export function change(view, changes) {
  const next = { ...view, ...changes };
  if (changes.model && changes.model !== "conditional") next.label = "any";
  if (changes.label && changes.label !== "any") next.model = "conditional";
  return next;
}

/**
 * The command that estimates log p here in the pipeline, a row for each class; null if none does.
 *
 * @param {View} view
 * @param {number} classes
 */
export function pipelineCommand({ x, y, model, time, steps, draws, seed }, classes) {
  if (model !== "conditional") return null;
  // the first rows are replaced, since the pipeline wants at least LEAST_POINTS
  const count = Math.min(classes, LEAST_POINTS);
  const points = Array.from(
    { length: count },
    (_, i) => `'likelihood.points.${i}=[${x},${y},${i}]'`,
  );
  const settings = [...points, `likelihood.draws=${draws}`, `likelihood.seed=${seed}`];
  if (time === "steps") settings.push(`likelihood.steps=${steps}`);
  // the page draws independently, without Sobol sequences
  settings.push("likelihood.sobol=false");
  return ["dvc exp run", ...settings].join(" -S ");
}
