/**
 * The sentence as a table: for each position the wanted token, what the model says for the vector,
 * the nearest token, and what the model says for that.
 *
 * The wanted tokens are one stop of the Tab key; arrow keys, Home and End move among them.
 */
import { fill, make, write } from "../../ui/dom.js";
import { inversion as words } from "../../words/inversion.js";
import { percent } from "./numbers.js";

const FAINTEST = -8; // nats at which a wanted token has no colour
const WIDE = 10; // positions that fit side by side, at most

/**
 * @param {HTMLElement} table
 * @param {number[]} ids of the sentence
 * @param {(id: number) => string} decode
 * @param {(position: number) => void} choose gets a position, counted from 1
 */
export function makeSentence(table, ids, decode, choose) {
  const names = [words.wanted, words.says, words.nearest, words.saysNearest];
  const header = names.map((name) => make("div", { role: "columnheader" }, name));
  table.append(make("div", { role: "row" }, ...header));
  table.classList.toggle("long", ids.length > WIDE);
  const buttons = ids.map((id) => make("button", { type: "button", class: "wanted" }, decode(id)));
  const rows = buttons.map((button) => {
    const cells = ["says", "nearest", "says-nearest"].map((name) => {
      const [token, number] = [make("span", { class: "token" }), make("span", { class: "number" })];
      return make("div", { role: "cell", class: name }, token, number);
    });
    table.append(
      make("div", { role: "row" }, make("div", { role: "rowheader" }, button), ...cells),
    );
    return cells;
  });

  table.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button) choose(buttons.indexOf(button) + 1);
  });
  table.addEventListener("keydown", (event) => {
    const from = buttons.indexOf(/** @type {HTMLElement} */ (event.target));
    const last = buttons.length - 1;
    const before = { ArrowLeft: from - 1, ArrowUp: from - 1, Home: 0 };
    const to = { ...before, ArrowRight: from + 1, ArrowDown: from + 1, End: last }[event.key];
    if (to === undefined || from < 0) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(to, last));
    choose(next + 1);
    buttons[next].focus();
  });

  /**
   * @param {HTMLElement} cell
   * @param {number} id
   * @param {string} number
   * @param {boolean} hit
   */
  function fillCell(cell, id, number, hit) {
    const [token, value] = cell.children;
    write(token, decode(id));
    write(value, hit ? `${number} \u2713` : number);
    cell.classList.toggle("hit", hit);
    cell.title = hit ? words.hit : "";
  }

  return {
    /**
     * @param {import("../../lib/gpt/inversion.js").State} state
     * @param {import("./view.js").View} view
     */
    show(state, { by, position }) {
      const near = state[by];
      ids.forEach((wanted, t) => {
        const logProb = state.vectors.logProbs[t];
        const shade = Math.min(1, Math.max(0, 1 - logProb / FAINTEST));
        const values = { TOKEN: decode(wanted), LOGPROB: logProb.toFixed(2) };
        const button = buttons[t];
        button.style.setProperty("--shade", `${(100 * shade).toFixed(0)}%`);
        button.tabIndex = t + 1 === position ? 0 : -1;
        button.setAttribute("aria-pressed", String(t + 1 === position));
        button.setAttribute("aria-label", fill(words.token, { ...values, POSITION: t + 1 }));
        const [says, nearest, saysNearest] = rows[t];
        const of = (/** @type {import("../../lib/gpt/inversion.js").Output} */ output) =>
          /** @type {[number, string, boolean]} */ ([
            output.ids[t],
            percent(output.probs[t]),
            output.ids[t] === wanted,
          ]);
        fillCell(says, ...of(state.vectors));
        fillCell(nearest, near.ids[t], near.values[t].toFixed(2), false);
        fillCell(saysNearest, ...of(near.output));
      });
    },
  };
}
