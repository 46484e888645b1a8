/** The panel's numbers, and lists of tokens with bars. */
import { fill, find, make, visible, write } from "../../ui/dom.js";
import { inversion as words } from "../../words/inversion.js";

/**
 * A token's text with its white space visible; a space before a word stays as it is.
 *
 * @param {string} text
 */
export function tokenText(text) {
  return visible(text.trim() ? text : text.replaceAll(" ", "\u2423"));
}

/** @param {number} p */
export function percent(p) {
  return p < 0.0005 ? "<0.1\u2009%" : `${(100 * p).toFixed(1)}\u2009%`;
}

/**
 * Writes an iteration's numbers.
 *
 * @param {HTMLElement} panel
 * @param {import("../../lib/gpt/inversion.js").State} state
 * @param {import("./view.js").View} view
 */
export function showNumbers(panel, { vectors, ...state }, { by, position }) {
  const { values, output } = state[by];
  const all = values.length;
  const put = (/** @type {string} */ name, /** @type {string} */ text) =>
    write(find(panel, `.${name}`, HTMLElement), text);
  put("matches", fill(words.ofAll, { MATCHES: vectors.matches, ALL: all }));
  put("nearest-matches", fill(words.ofAll, { MATCHES: output.matches, ALL: all }));
  put("loss", vectors.loss.toFixed(3));
  put("nearest-loss", output.loss.toFixed(3));
  put("similarity-name", words.similarity[by]);
  put("similarity", (values.reduce((a, b) => a + b, 0) / all).toFixed(3));
  put("log-prob", vectors.logProbs[position - 1].toFixed(2));
}

/**
 * Shows tokens with their values as bars, the longest for the greatest.
 *
 * @param {HTMLElement} list
 * @param {{ id: number, value: number }[]} items
 * @param {object} options
 * @param {(id: number) => string} options.decode
 * @param {(value: number) => string} options.text
 * @param {number} options.full value of a full bar
 * @param {number} options.wanted the token that is marked
 */
export function showBars(list, items, { decode, text, full, wanted }) {
  list.replaceChildren(
    ...items.map(({ id, value }) => {
      const bar = make("span", { class: "bar" });
      bar.style.width = `${(100 * Math.max(0, Math.min(value / full, 1))).toFixed(1)}%`;
      return make(
        "li",
        id === wanted ? { class: "hit" } : {},
        make("span", { class: "token" }, decode(id)),
        make("span", { class: "track" }, bar),
        make("span", { class: "number" }, text(value)),
      );
    }),
  );
}
