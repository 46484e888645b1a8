/**
 * The cumulative distribution as one bar from 0 to 1, and where a uniform number falls in it. As in
 * `draw` of lib/gpt/next.js, tokens are in the order of their ids.
 */
import { fill, make, visible } from "../../ui/dom.js";
import { gpt as words } from "../../words/gpt.js";
import { likeliest } from "./distribution.js";

/**
 * A draw: the distribution, the uniform number, the token that it picks, and the token that was
 * drawn, which may be another if settings have changed since.
 *
 * @typedef {{probs: number[], u: number, id: number, was: number}} Drawn
 */

/**
 * @param {HTMLElement} bar
 * @param {HTMLElement} caption
 * @param {number[]} probs
 * @param {Drawn | null} drawn its marker, if there is one
 * @param {(id: number) => string} decode
 */
export function showDie(bar, caption, probs, drawn, decode) {
  const ids = new Set(likeliest(probs));
  if (drawn) ids.add(drawn.id);
  const total = probs.reduce((a, b) => a + b, 0);
  /** @type {HTMLElement[]} */
  const parts = [];
  let sentence = words.order;
  let before = 0;
  probs.forEach((p, id) => {
    const [from, to] = [before / total, (before + p) / total];
    before += p;
    if (!ids.has(id)) return;
    const text = visible(decode(id));
    const part = make("div", { class: "part" }, text);
    part.style.left = `${100 * from}%`;
    part.style.width = `${100 * (to - from)}%`;
    parts.push(part);
    if (id !== drawn?.id) return;
    part.classList.add("picked");
    const [U, FROM, TO] = [drawn.u, from, to].map((value) => value.toFixed(4));
    const fell = drawn.id === drawn.was ? words.fell : words.wouldFall;
    sentence = fill(fell, { U, TEXT: text, FROM, TO });
  });
  if (drawn) {
    const marker = make("div", { class: "marker" });
    marker.style.left = `${100 * drawn.u}%`;
    parts.push(marker);
  }
  bar.replaceChildren(...parts);
  bar.setAttribute("aria-label", sentence);
  caption.textContent = sentence;
}
