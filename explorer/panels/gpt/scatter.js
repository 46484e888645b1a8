/** Attention beside the change by replacement, as a chart. */
import { chart } from "../../ui/chart.js";
import { fill, visible } from "../../ui/dom.js";
import { colourOf } from "../../ui/plane.js";
import { gpt as words } from "../../words/gpt.js";
import { two } from "./numbers.js";

const NAMED = 3; // of the greatest on each axis
const LEAST = 1e-4; // nats that are shown: changes differ by orders of magnitude

/**
 * @param {HTMLElement} element
 * @param {string[]} texts of the tokens before the chosen one
 * @param {number[]} row attention to each
 * @param {number[]} changes
 * @param {string} quantity weight or score
 * @param {number} r their rank correlation
 */
export function showScatter(element, texts, row, changes, quantity, r) {
  const sizes = changes.map(Math.abs);
  const named = new Set([...greatest(row), ...greatest(sizes)]);
  const { falls, rises } = words.signs;
  const values = sizes.map((size, i) => ({
    attention: row[i],
    size: Math.max(size, LEAST),
    sign: changes[i] > 0 ? rises : falls,
    token: visible(texts[i]),
    name: named.has(i) ? visible(texts[i]).trim() : "",
  }));
  /** @type {Record<string, string>} */
  const axes = words.axes;
  const x = { field: "attention", type: "quantitative", title: axes[quantity] };
  const axis = { format: "~g", grid: false };
  const y = { field: "size", type: "quantitative", title: axes.change, axis };
  const scale = { type: "log", nice: true };
  const domain = { domain: [falls, rises] };
  const shape = { ...domain, range: ["circle", "triangle-up"] };
  const range = [colourOf(element, "--falls"), colourOf(element, "--rises")];
  const spec = {
    height: 220,
    data: { values },
    encoding: {
      x: { ...x, scale: { zero: quantity === "weight", nice: true } },
      y: { ...y, scale },
    },
    layer: [
      {
        mark: { type: "point", filled: true, size: 60, opacity: 0.85 },
        encoding: {
          color: { field: "sign", type: "nominal", title: null, scale: { ...domain, range } },
          shape: { field: "sign", type: "nominal", title: null, scale: shape },
          tooltip: ["token", "attention", "size"].map((field) => ({ field })),
        },
      },
      {
        mark: { type: "text", align: "left", dx: 7, dy: -5, color: colourOf(element, "--text") },
        encoding: { text: { field: "name", type: "nominal" } },
      },
    ],
  };
  return chart(element, spec, fill(words.chart, { R: Number.isNaN(r) ? words.none : two(r) }));
}

/** The indices of the greatest values. @param {number[]} values */
function greatest(values) {
  const order = values.map((_, i) => i).sort((a, b) => values[b] - values[a]);
  return order.slice(0, NAMED);
}
