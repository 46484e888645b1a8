/**
 * The panel's numbers and sentences.
 *
 * @typedef {ReturnType<typeof import("./sampling.js").makeSampling>} Sampling
 * @typedef {import("./view.js").View} View
 */
import { fill, find, write } from "../../ui/dom.js";
import { noiseToData as words } from "../../words/noise_to_data.js";
import { fractionInside, isComplete, rmse, standardDeviation } from "./numbers.js";
import { REFERENCES } from "./sampling.js";

/**
 * @param {HTMLElement} panel
 * @param {Sampling} sampling
 * @param {boolean} square whether the data is the square [-1, 1]^2
 */
export function makeReport(panel, sampling, square) {
  /** Writes the numbers of one side, and of what is computed if that is not yet all. */
  function numbers(/** @type {Element} */ list, /** @type {View} */ view, /** @type {0 | 1} */ i) {
    const { states, nfe } = sampling.sides()[i];
    const last = states[states.length - 1];
    const ends = sampling.ends([view.left, view.right][i]);
    const soFar = (/** @type {string} */ value, /** @type {boolean} */ complete) =>
      complete ? value : fill(words.unfinished, { VALUE: value });
    const shown = (/** @type {number} */ value, /** @type {number} */ digits) =>
      Number.isNaN(value) ? "\u2026" : value.toPrecision(digits);
    const all = isComplete(last);
    const percent = `${(100 * fractionInside(last)).toFixed(1)}\u2009%`;
    const distance = ends ? shown(rmse(last, ends), 3) : "\u2026";
    const values = {
      nfe: String(nfe),
      inside: square ? soFar(percent, all) : words.none,
      std: last.length > 2 || all ? soFar(shown(standardDeviation(last), 4), all) : "\u2026",
      rmse: view.eta ? words.none : soFar(distance, Boolean(all && ends && isComplete(ends))),
    };
    for (const [name, text] of Object.entries(values)) {
      write(/** @type {Element} */ (list.querySelector(`.${name}`)), text);
    }
  }

  return {
    /** @param {View} view */
    numbers(view) {
      for (const i of /** @type {(0 | 1)[]} */ ([0, 1])) {
        numbers(panel.querySelectorAll("dl")[i], view, i);
      }
      write(
        find(panel, ".rmse-note", HTMLElement),
        fill(words.rmseNote, { N: Math.min(view.n, REFERENCES) }),
      );
      write(find(panel, ".chosen", HTMLElement), sentenceOf(view.point));
    },
  };

  /** Where a point starts and ends. @param {number} i */
  function sentenceOf(i) {
    if (i < 0) return words.nothing;
    const at = (/** @type {Float64Array} */ x) => [x[2 * i], x[2 * i + 1]].map((v) => v.toFixed(2));
    const [left, right] = sampling.sides().map(({ states }) => {
      const [x, y] = at(states[states.length - 1]);
      return x === "NaN" ? "\u2026" : `(${x}, ${y})`;
    });
    const [x, y] = at(sampling.start());
    return fill(words.chosen, { I: i + 1, X: x, Y: y, LEFT: left, RIGHT: right });
  }
}
