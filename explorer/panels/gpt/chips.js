/**
 * A text as chips, one for each token and a last one for the token that comes next. They are one
 * stop of the Tab key; arrow keys, Home and End move among them.
 */
import { gpt as gptWords } from "../../words/gpt.js";
import { make, visible } from "../../ui/dom.js";

const STRONGEST = 10; // nats at which a surprise has the full colour

/**
 * @typedef {object} Token
 * @property {string} text
 * @property {number | null} logProb null for the first
 * @property {boolean} generated
 */

/**
 * @param {HTMLElement} box
 * @param {(index: number) => void} onSelect gets the token that was clicked; -1 after Escape
 * @param {(index: number) => void} onPoint gets the token that is pointed at or has the focus
 */
export function makeChips(box, onSelect, onPoint) {
  const chips = () => /** @type {HTMLButtonElement[]} */ ([...box.children]);
  const indexOf = (/** @type {Event} */ event) => {
    const chip = /** @type {Element} */ (event.target).closest("button");
    return chip ? chips().indexOf(chip) : -1;
  };

  box.addEventListener("click", (event) => {
    const index = indexOf(event);
    if (index >= 0) onSelect(index);
  });
  for (const kind of ["pointerover", "focusin"]) {
    box.addEventListener(kind, (event) => {
      const index = indexOf(event);
      if (index < 0) return;
      if (kind === "focusin") chips().forEach((chip, i) => (chip.tabIndex = i === index ? 0 : -1));
      onPoint(index);
    });
  }
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return onSelect(-1);
    const last = chips().length - 1;
    const from = indexOf(event);
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
    if (to === undefined || from < 0) return;
    event.preventDefault();
    chips()[Math.max(0, Math.min(to, last))].focus();
  });

  return {
    /** @param {Token[]} tokens */
    build(tokens) {
      const made = tokens.map(({ text, logProb, generated }) => {
        const chip = make("button", { type: "button", class: "token" }, visible(text));
        chip.setAttribute("aria-label", gptWords.token(visible(text), logProb));
        chip.classList.toggle("generated", generated);
        return chip;
      });
      if (tokens.length) {
        const label = gptWords.nextToken;
        made.push(make("button", { type: "button", class: "token", "aria-label": label }, "?"));
      }
      made.forEach((chip, i) => (chip.tabIndex = i ? -1 : 0));
      box.replaceChildren(...made);
    },

    /**
     * Colours the chips: by surprise, or by the attention of one that is selected.
     *
     * @param {Token[]} tokens
     * @param {number} selected -1 for none
     * @param {number[]} shades of the tokens before it, from 0 to 1
     */
    paint(tokens, selected, shades) {
      chips().forEach((chip, i) => {
        const surprise = Math.min(1, -(tokens[i]?.logProb ?? 0) / STRONGEST);
        const shade = selected < 0 ? surprise : (shades[i] ?? 0);
        chip.setAttribute("aria-pressed", String(i === selected));
        chip.classList.toggle("attention", selected >= 0);
        chip.style.setProperty("--shade", `${(100 * shade).toFixed(0)}%`);
      });
    },
  };
}
