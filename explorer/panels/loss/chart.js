/**
 * The charts: the loss and its floor against t, and the excess, with the current t marked.
 *
 * @typedef {import("../../lib/diffusion/loss.js").Errors} Errors
 * @typedef {import("../../lib/diffusion/loss.js").Averages} Averages
 */
import { colourOf } from "../../ui/plane.js";
import { loss as words } from "../../words/loss.js";

/** @param {Element} element whose CSS sets the colours */
export function lossSpec(element) {
  const [dot, chosen] = ["--dot", "--chosen"].map((name) => colourOf(element, name));
  const scaleOf = (/** @type {any[]} */ range) => ({
    field: "name",
    type: "nominal",
    title: null,
    scale: { domain: [words.series.loss, words.series.floor], range },
  });
  const dashes = [
    [1, 0],
    [6, 4],
  ];
  return specOf(element, {
    y: { field: "value", type: "quantitative", title: words.axisLoss },
    color: scaleOf([dot, chosen]),
    strokeDash: scaleOf(dashes),
  });
}

/** Its own chart, with a logarithmic scale: it is a thousandth of the loss. @param {Element} element */
export function excessSpec(element) {
  const y = { field: "value", type: "quantitative", title: words.axisExcess };
  return specOf(element, {
    y: { ...y, scale: { type: "log" }, axis: { format: "~e", tickCount: 4 } },
    color: { value: colourOf(element, "--dot") },
  });
}

/**
 * @param {Element} element
 * @param {object} encoding of the curve
 */
function specOf(element, encoding) {
  const x = { field: "t", type: "quantitative", title: words.axisTime };
  return {
    height: 170,
    encoding: { x: { ...x, scale: { domain: [0, 1] } } },
    layer: [
      {
        data: { name: "now" },
        mark: { type: "rule", color: colourOf(element, "--quiet"), strokeWidth: 2 },
      },
      { data: { name: "curve" }, mark: { type: "line", strokeWidth: 2.5 }, encoding },
    ],
  };
}

/**
 * @param {{ t: number, averages: Averages }[]} curve
 * @param {number} t that is marked
 * @param {(keyof Errors)[]} names of what is shown
 */
export function datasetsOf(curve, t, names) {
  /** @type {Record<string, string>} */
  const series = words.series;
  return {
    now: [{ t }],
    curve: curve.flatMap(({ t, averages }) =>
      names.map((name) => ({ t, name: series[name] ?? name, value: averages.mean[name] })),
    ),
  };
}
