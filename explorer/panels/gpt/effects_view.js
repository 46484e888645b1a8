/** What the chosen token's prediction depended on: numbers, heads and a chart. */
import { rankCorrelation } from "../../lib/ranks.js";
import { fill, find, visible, write } from "../../ui/dom.js";
import { gpt as words } from "../../words/gpt.js";
import { change, two } from "./numbers.js";
import { showScatter } from "./scatter.js";

/** @param {HTMLElement} panel */
export function effectsView(panel) {
  const element = (/** @type {string} */ name) => find(panel, `.${name}`, HTMLElement);
  const chart = element("scatter");
  let drawn = ""; // what the chart shows

  /** @param {number} value */
  const orNone = (value, written = two) => (Number.isNaN(value) ? words.none : written(value));

  /**
   * @param {import("./effects.js").Effects | null} effects
   * @param {import("./chips.js").Token[]} tokens
   * @param {number[]} row attention of the chosen token's prediction
   * @param {import("./view.js").View} view
   */
  return (effects, tokens, row, { chosen, quantity }) => {
    const changes = effects?.changes ?? [];
    const done = changes.filter((value) => !Number.isNaN(value)).length;
    const complete = changes.length > 0 && done === changes.length;
    const sizes = changes.map(Math.abs);
    const r = complete ? rankCorrelation(row, sizes) : NaN;
    write(element("chosen"), effects ? visible(tokens[chosen].text) : words.none);
    write(element("log-prob"), effects ? orNone(effects.logProb) : words.none);
    write(element("correlation"), orNone(r));
    write(element("replaced-change"), orNone(effects?.byHand ?? NaN, change));
    const progress = fill(words.progress, { DONE: done, ALL: changes.length });
    write(element("progress"), complete ? "" : effects ? progress : words.noEffect);
    chart.hidden = !complete;
    const next = JSON.stringify([complete, row, changes, quantity]);
    if (!complete || drawn === next) return;
    drawn = next;
    const texts = tokens.slice(0, chosen).map(({ text }) => text);
    showScatter(chart, texts, row, changes, quantity, r);
  };
}
