/**
 * The panel's numbers.
 *
 * @typedef {ReturnType<ReturnType<typeof import("./compute.js").makeFields>["at"]>} AtPoint
 */
import { fill, find, write } from "../../ui/dom.js";
import { field as words } from "../../words/field.js";
import { number, toDecimals } from "./numbers.js";

/**
 * @param {HTMLElement} panel
 * @param {AtPoint} at
 * @param {number} sigma
 */
export function reportPoint(panel, { eps, epsExact, logDensity, excess }, sigma) {
  const score = (/** @type {Float64Array} */ noise) => {
    const values = [-noise[0] / sigma, -noise[1] / sigma];
    // as many decimals as the greater has, or else rounding errors of the other are shown
    const [x, y] = values.map((value) => toDecimals(value, Math.hypot(...values), 4));
    return fill(words.pair, { X: x, Y: y });
  };
  const values = {
    "network-score": score(eps),
    "exact-score": score(epsExact),
    "excess-at": number(excess),
    density: number(Math.exp(logDensity)),
    "log-density": number(logDensity),
  };
  for (const [name, text] of Object.entries(values)) {
    write(find(panel, `.${name}`, HTMLElement), text);
  }
}

/**
 * @param {HTMLElement} panel
 * @param {import("./compute.js").Excess | null} total null while it is computed
 */
export function reportExcess(panel, total) {
  write(find(panel, ".excess", HTMLElement), total ? withError(total) : words.working);
}

/** @param {import("./compute.js").Excess} excess */
function withError({ mean, standardError }) {
  const [m, e] = [mean, standardError].map((value) => toDecimals(value, standardError, 2));
  return fill(words.plusMinus, { MEAN: m, ERROR: e });
}
