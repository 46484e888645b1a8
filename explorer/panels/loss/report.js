/**
 * The panel's numbers and charts.
 *
 * @typedef {import("../../lib/diffusion/loss.js").Averages} Averages
 */
import { find, write } from "../../ui/dom.js";
import { makeLiveChart } from "../../ui/live_chart.js";
import { decimal, writeNumber } from "../../ui/numbers.js";
import { loss as words } from "../../words/loss.js";
import { datasetsOf, excessSpec, lossSpec } from "./chart.js";

const NAMES = /** @type {const} */ (["loss", "floor", "excess"]);

/** @param {HTMLElement} panel */
export function makeReport(panel) {
  const number = (/** @type {string} */ css) => find(panel, css, HTMLDataElement);
  const [losses, excesses] = ["losses", "excesses"].map((name) =>
    find(panel, `.${name}`, HTMLElement),
  );
  const showLosses = makeLiveChart(losses, () => lossSpec(losses));
  const showExcesses = makeLiveChart(excesses, () => excessSpec(excesses));

  /** @type {object} */
  let charted = [];
  let marked = NaN;

  return {
    /**
     * @param {number} sigma
     * @param {ReturnType<typeof import("../../lib/diffusion/loss.js").errorsOf>} errors of one draw
     */
    draw(sigma, errors) {
      writeNumber(number(".sigma"), sigma, small(sigma));
      for (const name of NAMES) {
        writeNumber(number(`.${name} .here`), errors[name][0], small(errors[name][0]));
      }
    },

    /**
     * @param {Averages | null} here at t; null while there are none
     * @param {{ t: number, averages: Averages }[]} curve
     * @param {number} t
     */
    averages(here, curve, t) {
      for (const name of NAMES) {
        const [mean, error] = [here?.mean[name] ?? NaN, here?.error[name] ?? NaN];
        writeNumber(number(`.${name} .mean`), mean, small(mean));
        writeNumber(number(`.${name} .error`), error, `\u00b1\u2009${small(error)}`);
      }
      write(find(panel, ".draws", HTMLElement), (here?.draws ?? 0).toLocaleString("en"));
      if (curve.length < 2 || (curve === charted && t === marked)) return; // one is no line
      [charted, marked] = [curve, t];
      showLosses(datasetsOf(curve, t, ["loss", "floor"]), words.chart);
      showExcesses(datasetsOf(curve, t, ["excess"]), words.excessChart);
    },
  };
}

/** A number that is not negative, legible when it is tiny, too. @param {number} value */
function small(value) {
  if (Number.isNaN(value)) return "\u2026";
  return value !== 0 && value < 0.001
    ? value.toExponential(1).replace("-", "\u2212")
    : decimal(value, 4);
}
