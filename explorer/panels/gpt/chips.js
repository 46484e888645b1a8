/**
 * A text as chips, one for each token and a last one for the token that comes next. They are one
 * stop of the Tab key; arrow keys, Home and End move among them.
 */
import { fill, make, visible, write } from "../../ui/dom.js";
import { gpt as words } from "../../words/gpt.js";
import { percent, two } from "./numbers.js";

const STRONGEST = 10; // nats at which a surprise has the full colour
const HIGHEST = 6; // pixels of the bar under a token

/**
 * @typedef {object} Token
 * @property {string} text
 * @property {number | null} logProb null for the first
 * @property {boolean} generated
 * @property {boolean} picked to be replaced
 * @property {boolean} replaced
 */

/** A token in words. @param {Token | undefined} token undefined for the one that comes next */
export function describe(token) {
  if (!token) return words.nextToken;
  const text = visible(token.text);
  if (token.logProb === null) return fill(words.first, { TEXT: text });
  const values = { LOGPROB: two(token.logProb), P: percent(Math.exp(token.logProb)) };
  return fill(words.known, { TEXT: text, ...values });
}

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
    /** Shows other tokens; chips that stay keep the focus. @param {Token[]} tokens */
    build(tokens) {
      const attributes = { type: "button", class: "token", "aria-describedby": "gpt-number" };
      while (box.children.length > tokens.length + 1) box.lastChild?.remove();
      while (box.children.length <= tokens.length) box.append(make("button", attributes));
      const now = chips();
      now.forEach((chip, i) => {
        write(chip, i < tokens.length ? visible(tokens[i].text) : "?");
        chip.setAttribute("aria-label", describe(tokens[i]));
        for (const name of /** @type {const} */ (["generated", "picked", "replaced"])) {
          chip.classList.toggle(name, tokens[i]?.[name] ?? false);
        }
      });
      const stop = Math.max(0, now.indexOf(/** @type {any} */ (document.activeElement)));
      now.forEach((chip, i) => (chip.tabIndex = i === stop ? 0 : -1));
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

    /**
     * Bars under the chips, as high as a change's share of the greatest.
     *
     * @param {number[]} changes of the first tokens; NaN where there is none yet
     */
    underline(changes) {
      const greatest = Math.max(...changes.map((value) => Math.abs(value) || 0));
      chips().forEach((chip, i) => {
        const share = Math.abs(changes[i]) / greatest || 0;
        chip.classList.toggle("falls", changes[i] < 0);
        chip.classList.toggle("rises", changes[i] > 0);
        chip.style.setProperty("--bar", `${Math.round(1 + (HIGHEST - 1) * share)}px`);
      });
    },
  };
}
