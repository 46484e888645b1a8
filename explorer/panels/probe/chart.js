/**
 * The chart: the ELBO's estimate with its error band against draws, the truth and the flow as lines.
 *
 * @typedef {import("./estimates.js").Row} Row
 */
import { colourOf } from "../../ui/plane.js";
import { probe as words } from "../../words/probe.js";

const ERRORS = 2; // standard errors in the band, on either side

/**
 * @param {Element} element whose CSS sets the colours
 * @param {string} truth what the truth is called
 */
export function specOf(element, truth) {
  const [dot, text, chosen] = ["--dot", "--text", "--chosen"].map((n) => colourOf(element, n));
  const domain = [words.elboName, truth, words.flow];
  const color = {
    field: "name",
    type: "nominal",
    title: null,
    scale: { domain, range: [dot, text, chosen] },
  };
  const strokeDash = {
    field: "name",
    type: "nominal",
    title: null,
    scale: {
      domain,
      range: [
        [1, 0],
        [6, 4],
        [2, 3],
      ],
    },
  };
  const x = { field: "draws", type: "quantitative", title: words.axisDraws };
  const log = { type: "log", base: 2, nice: false };
  const y = { field: "value", type: "quantitative", title: words.axisLogP, scale: { zero: false } };
  return {
    height: 220,
    encoding: { x: { ...x, scale: log, axis: { tickCount: 6, format: ",d" } } },
    layer: [
      {
        data: { name: "estimates" },
        mark: { type: "area", opacity: 0.25, color: dot },
        encoding: { y: { ...y, field: "low" }, y2: { field: "high" } },
      },
      {
        data: { name: "estimates" },
        mark: { type: "line", strokeWidth: 2.5 },
        encoding: { y, color, strokeDash },
      },
      {
        data: { name: "lines" },
        mark: { type: "line", strokeWidth: 2.5 },
        encoding: { y, color, strokeDash },
      },
    ],
  };
}

/**
 * @param {Row} row
 * @param {string} truth what the truth is called
 * @param {number} most draws
 */
export function datasetsOf({ elbo, truth: value, flow }, truth, most) {
  const estimates = elbo.map(({ draws, total, standardError }) => ({
    name: words.elboName,
    draws,
    value: total,
    low: total - ERRORS * standardError,
    high: total + ERRORS * standardError,
  }));
  const first = estimates[0].draws;
  const lines = [
    { name: truth, value },
    { name: words.flow, value: flow },
  ].flatMap((line) => [
    { ...line, draws: first },
    { ...line, draws: most },
  ]);
  return { estimates, lines };
}
