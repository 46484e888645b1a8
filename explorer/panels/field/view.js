/**
 * What the panel shows, as a value, and its limits.
 *
 * @typedef {object} View
 * @property {string} model
 * @property {string} label a class's number, or "none"
 * @property {string} heat
 * @property {number} t
 * @property {number} x of the chosen point
 * @property {number} y
 */
import { checkNumber, pick } from "../../lib/check.js";
import { fill } from "../../ui/dom.js";
import { REACH } from "../../ui/plane.js";
import { words as all } from "../../words/index.js";
import { DRAWS, LEVELS } from "./compute.js";

const words = all.field;
const { diffusion, plain, conditional } = all.common.models;

/** The stages that compute the excess at several noise levels. @type {Record<string, string>} */
const STAGES = { diffusion: "evaluate_diffusion", plain: "evaluate_plain" };

/** @type {View} */
export const INITIAL = {
  model: "diffusion",
  label: "none",
  heat: "density",
  t: 0.6,
  x: 1.2,
  y: 0.6,
};

/** @param {number} classes how many there are */
export function choicesOf(classes) {
  /** @type {Record<string, string>} */
  const label = { none: words.none };
  for (let i = 0; i < classes; i++) label[i] = String(i);
  return { model: { diffusion, plain, conditional }, label, heat: words.heats };
}

/** A view's class; null for none. @param {View} view */
export function labelOf({ label }) {
  return label === "none" ? null : Number(label);
}

/**
 * @param {View} view
 * @param {import("../../lib/diffusion/load.js").Diffusion} diffusion
 * @returns {void} throws a RangeError, whose message is a sentence, if it is wrong
 */
export function checkView(view, { classes, truthOf }) {
  for (const [name, known] of Object.entries(choicesOf(classes))) {
    const key = /** @type {"model" | "label" | "heat"} */ (name);
    pick(words[key], /** @type {Record<string, string>} */ (known), view[key]);
  }
  if (view.label !== "none" && view.model !== "conditional") {
    throw new RangeError(fill(words.noClasses, { LABEL: view.label }));
  }
  truthOf(labelOf(view)); // a class of a user's own points may be empty
  checkNumber(words.t, view.t, 0, 1);
  checkNumber(words.x, view.x, -REACH, REACH);
  checkNumber(words.y, view.y, -REACH, REACH);
}

/**
 * The view after a control's change: a class needs the conditional network, and the others none.
 *
 * @param {View} view
 * @param {Partial<View>} changes
 * @returns {View}
 */
export function change(view, changes) {
  const next = { ...view, ...changes };
  if (next.label === "none" || next.model === "conditional") return next;
  return changes.model ? { ...next, label: "none" } : { ...next, model: "conditional" };
}

/**
 * Where the chosen point is put: rounded, so that a link reopens exactly this, and in the plane.
 *
 * @param {number} coordinate
 */
export function place(coordinate) {
  return Number(Math.min(Math.max(coordinate, -REACH), REACH).toFixed(4));
}

/**
 * The command that makes the view's chart in the pipeline; null if no stage does.
 *
 * @param {View} view
 */
export function pipelineCommand({ model }) {
  if (!(model in STAGES)) return null;
  const stage = STAGES[model];
  return `dvc exp run -S ${stage}.levels=${LEVELS} -S ${stage}.level_draws=${DRAWS}`;
}
