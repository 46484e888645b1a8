/** The distribution of the next token, as rows of bars. */
import { fill, make, visible } from "../../ui/dom.js";
import { gpt as words } from "../../words/gpt.js";
import { percent } from "./numbers.js";

export const SHOWN = 12;

/**
 * The ids with the greatest probabilities, the greatest first; none with probability 0.
 *
 * @param {number[]} probs
 * @returns {number[]}
 */
export function likeliest(probs) {
  /** @type {number[]} */
  const top = [];
  probs.forEach((p, id) => {
    if (p === 0 || (top.length === SHOWN && p <= probs[top[SHOWN - 1]])) return;
    const place = top.findIndex((other) => probs[other] < p);
    top.splice(place < 0 ? top.length : place, 0, id);
    top.length = Math.min(top.length, SHOWN);
  });
  return top;
}

/**
 * Rows for the likeliest tokens, and a last one for all others together. All bars have one scale.
 *
 * @param {Element} body of the table
 * @param {number[]} probs of the GPT
 * @param {number[]} ngram
 * @param {(id: number) => string} decode
 */
export function showDistribution(body, probs, ngram, decode) {
  const ids = likeliest(probs);
  const shown = new Set(ids);
  const rest = (/** @type {number[]} */ p) =>
    p.reduce((sum, value, id) => (shown.has(id) ? sum : sum + value), 0);
  const rows = ids.map((id) => ({ text: visible(decode(id)), p: probs[id], q: ngram[id] }));
  rows.push({ text: "", p: rest(probs), q: rest(ngram) });
  const longest = Math.max(...rows.flatMap(({ p, q }) => [p, q]));
  const bar = (/** @type {string} */ name, /** @type {number} */ value) => {
    const element = make("div", { class: name });
    element.style.width = `${(100 * value) / longest}%`;
    return element;
  };
  body.replaceChildren(
    ...rows.map(({ text, p, q }, i) => {
      const other = i === rows.length - 1;
      const name = other
        ? fill(words.others, { N: (probs.length - ids.length).toLocaleString("en") })
        : make("span", { class: "token" }, text);
      return make(
        "tr",
        other ? { class: "others" } : {},
        make("th", { scope: "row" }, name),
        make("td", { class: "bars" }, bar("of-gpt", p), bar("of-ngram", q)),
        make("td", {}, percent(p)),
        make("td", {}, percent(q)),
      );
    }),
  );
}
