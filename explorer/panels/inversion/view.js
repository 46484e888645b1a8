/**
 * What the panel shows, as a value, and its limits.
 *
 * @typedef {import("../../lib/gpt/inversion.js").Inversion} Inversion
 *
 * @typedef {object} View
 * @property {number} step of Adam; the last recorded one up to it is shown
 * @property {number} position of the token that is looked at, counted from 1
 * @property {"cosine" | "distance"} by which the nearest tokens are
 */
import { checkCount, pick } from "../../lib/check.js";
import { inversion as words } from "../../words/inversion.js";

/** @type {View} */
export const INITIAL = { step: 0, position: 1, by: "cosine" };

export const CHOICES = { by: words.bys };

/**
 * @param {View} view
 * @param {Inversion} inversion
 * @returns {void} throws a RangeError, whose message is a sentence, if it is wrong
 */
export function checkView({ step, position, by }, { steps, ids }) {
  checkCount(words.iteration, step, 0, steps[steps.length - 1]);
  checkCount(words.position, position, 1, ids.length);
  pick(words.by, words.bys, by);
}

/**
 * Which recorded iteration is shown: a link may name any, and those recorded differ between
 * trainings.
 *
 * @param {View} view
 * @param {Inversion} inversion
 */
export function indexOf({ step }, { steps }) {
  return steps.findLastIndex((other) => other <= step);
}

/**
 * The command that stops the inversion there; null before the first step.
 *
 * @param {number} step
 */
export function pipelineCommand(step) {
  return step ? `dvc exp run -S invert.steps=${step}` : null;
}
