/**
 * The chart of the excess against t, with the time that is shown.
 *
 * @typedef {{ t: number, excess: number }} Level
 */
import { chart } from "../../ui/chart.js";
import { fill } from "../../ui/dom.js";
import { field as words } from "../../words/field.js";
import { colourOf } from "../../ui/plane.js";

const DECADES = Array.from({ length: 13 }, (_, i) => 10 ** (i - 7));

/** @param {HTMLElement} element */
export function makeCurve(element) {
  /** @type {Promise<any> | null} */
  let view = null;

  function begin(/** @type {Level[]} */ curve, /** @type {Level} */ now) {
    const x = {
      field: "t",
      type: "quantitative",
      title: words.axisTime,
      scale: { domain: [1, 0] },
    };
    const number = { format: ".0e", values: DECADES };
    const y = {
      ...{ field: "excess", type: "quantitative", title: words.axisExcess, axis: number },
      scale: { type: "log", nice: true },
    };
    const [dot, chosen] = ["--dot", "--chosen"].map((name) => colourOf(element, name).trim());
    const spec = {
      height: 170,
      datasets: { curve, now: [now] },
      layer: [
        {
          data: { name: "curve" },
          mark: { type: "line", color: dot, point: { color: dot, size: 16 }, clip: true },
          encoding: { x, y },
        },
        { data: { name: "now" }, mark: { type: "rule", color: chosen }, encoding: { x } },
        {
          data: { name: "now" },
          mark: { type: "point", color: chosen, filled: true, opacity: 1, size: 70 },
          encoding: { x, y },
        },
      ],
    };
    return chart(element, spec, "");
  }

  return {
    /** Draws all anew when it is shown next. */
    forget() {
      view = null;
    },

    /**
     * @param {Level[]} curve in order of t, as far as it is known
     * @param {Level} now
     * @param {boolean} complete
     */
    async show(curve, now, complete) {
      if (!curve.length) return; // Vega warns of an axis without numbers
      view ??= begin(curve, now);
      const shown = await view;
      shown.data("curve", curve).data("now", [now]);
      await shown.runAsync();
      if (!complete) return;
      const [first, last] = [curve[0], curve[curve.length - 1]].map(({ excess }) =>
        excess.toExponential(1),
      );
      element.setAttribute("aria-label", fill(words.chart, { FIRST: first, LAST: last }));
    },
  };
}
