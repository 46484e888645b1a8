/** The distribution of the next token, and the die of the last one that was drawn. */
import { makeRandom } from "../../lib/random.js";
import { find } from "../../ui/dom.js";
import { gpt as words } from "../../words/gpt.js";
import { showDie } from "./die.js";
import { showDistribution } from "./distribution.js";
import { ALL } from "./view.js";

/**
 * How the view's settings change the model's distribution.
 *
 * @param {import("./view.js").View} view
 */
export function optionsOf({ temperature, topK, silenced }) {
  return { temperature, topK: topK === ALL ? null : topK, silenced };
}

/**
 * The uniform number that draws a token: it depends on the seed and on the place only, so that
 * after undo the same one falls again.
 *
 * @param {number} seed
 * @param {number} place among the drawn tokens
 */
export function uniformAt(seed, place) {
  const { uniform } = makeRandom(seed);
  for (let i = 0; i < place; i++) uniform();
  return uniform();
}

/**
 * @param {HTMLElement} panel
 * @param {import("./text.js").GPT} gpt
 */
export function nextView(panel, gpt) {
  const element = (/** @type {string} */ name) => find(panel, `.${name}`, HTMLElement);
  const topK = find(panel, "[name=topK]", HTMLInputElement);
  const decode = (/** @type {number} */ id) => gpt.decode([id]);

  /**
   * @param {number[]} ids
   * @param {import("./view.js").View} view
   */
  return (ids, view) => {
    const k = view.topK === ALL ? words.all : String(view.topK);
    element("top-k-value").textContent = k;
    topK.setAttribute("aria-valuetext", k);
    const options = optionsOf(view);
    let drawn = null;
    if (view.drawn.length) {
      const probs = gpt.next(ids.slice(0, -1), options);
      const u = uniformAt(view.seed, view.drawn.length - 1);
      drawn = { probs, u, id: gpt.draw(probs, u), was: ids[ids.length - 1] };
    }
    const probs = gpt.next(ids, options);
    showDistribution(element("distribution tbody"), probs, gpt.ngram(ids), decode);
    showDie(element("die"), element("die-caption"), drawn?.probs ?? probs, drawn, decode);
  };
}
