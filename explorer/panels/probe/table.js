/**
 * The table of log p and the sentence about right and wrong labels.
 *
 * @typedef {import("./estimates.js").Row} Row
 */
import { fill, make, write } from "../../ui/dom.js";
import { decimal, writeNumber } from "../../ui/numbers.js";
import { probe as words } from "../../words/probe.js";

const LITTLE = 3; // nats

/** What a label is called. @param {string} label */
export const nameOf = (label) =>
  label === "any" ? words.any : fill(words.class, { CLASS: label });

/**
 * Shows the rows; cells that are there already are kept.
 *
 * @param {HTMLElement} body of the table
 * @param {Row[]} rows
 * @param {string} shown label in the chart
 * @param {number} right class at the probe; -1 for none
 * @param {(label: string) => boolean} exists
 */
export function showTable(body, rows, shown, right, exists) {
  if (body.children.length !== rows.length) body.replaceChildren(...rows.map(makeRow));
  rows.forEach(({ label, truth, flow, elbo }, i) => {
    const row = /** @type {HTMLElement} */ (body.children[i]);
    row.classList.toggle("right", label === String(right));
    row.classList.toggle("shown", label === shown);
    const cell = (/** @type {string} */ name) =>
      /** @type {HTMLDataElement} */ (row.querySelector(`.${name}`));
    const last = elbo.at(-1);
    const values = {
      truth,
      elbo: last?.total ?? NaN,
      error: last?.standardError ?? NaN,
      flow,
    };
    for (const [name, value] of Object.entries(values)) {
      const text = exists(label) ? decimal(value) : name === "error" ? "" : words.none;
      const sign = name === "error" && text ? `\u00b1\u2009${text}` : text;
      writeNumber(cell(name), value, sign);
    }
  });
}

/** @param {Row} row */
function makeRow({ label }) {
  const cell = (/** @type {string[]} */ ...names) =>
    make("td", {}, ...names.flatMap((name) => [make("data", { class: name }), " "]));
  return make(
    "tr",
    { "data-label-of": label },
    make("th", { scope: "row" }, nameOf(label)),
    cell("truth"),
    cell("elbo", "error"),
    cell("flow"),
  );
}

/**
 * Which label is right here, and how much lower log p is with the best of the wrong ones.
 *
 * @param {Element} element
 * @param {Row[]} rows
 * @param {number} right
 */
export function showVerdict(element, rows, right) {
  const where = right < 0 ? words.outside : fill(words.inside, { RIGHT: right });
  if (rows.length === 1) return write(element, `${where} ${words.unconditional}`);
  const own = rows.find(({ label }) => label === String(right));
  if (!own || Number.isNaN(own.truth)) return write(element, where);
  const wrong = rows.filter(
    (row) => row !== own && row.label !== "any" && !Number.isNaN(row.truth),
  );
  if (!wrong.length) return write(element, where);
  const lead = (/** @type {"truth" | "flow"} */ name) =>
    own[name] - Math.max(...wrong.map((row) => row[name]));
  const values = { TRUTH: decimal(lead("truth"), 1), FLOW: decimal(lead("flow"), 1) };
  write(element, `${where} ${fill(lead("truth") < LITTLE ? words.close : words.wrong, values)}`);
}
