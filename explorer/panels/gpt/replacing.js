/** Replacing one token by hand: choose it by a click, type another, apply it, undo it. */
import { fill, find, visible, write } from "../../ui/dom.js";
import { gpt as words } from "../../words/gpt.js";

/**
 * @param {HTMLElement} panel
 * @param {object} actions
 * @param {(changes: Partial<import("./view.js").View>) => boolean} actions.change gives whether the
 *   view was valid
 * @param {(sentence: string) => void} actions.say
 */
export function makeReplacing(panel, { change, say }) {
  const pick = find(panel, ".pick", HTMLButtonElement);
  const picked = find(panel, ".picked-token", HTMLElement);
  const box = find(panel, ".by", HTMLInputElement);
  const button = (/** @type {string} */ name) => find(panel, `.${name}`, HTMLButtonElement);
  const takeBack = button("take-back");
  let at = -1;

  /** @param {boolean} waits for a click on a token */
  function wait(waits) {
    pick.setAttribute("aria-pressed", String(waits));
    panel.classList.toggle("picking", waits);
    say(waits ? words.pickNow : "");
  }

  function apply() {
    if (at < 0) return say(words.pickFirst);
    box.setAttribute("aria-invalid", String(!change({ by: box.value })));
  }

  pick.addEventListener("click", () => wait(pick.getAttribute("aria-pressed") !== "true"));
  button("apply").addEventListener("click", apply);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") apply();
  });
  takeBack.addEventListener("click", () => change({ at: -1, by: "" }));

  return {
    /**
     * Takes a click on a token, if it is waited for.
     *
     * @param {number} index -1 for Escape
     * @param {string | undefined} text of the token; undefined if there is none
     * @returns {boolean} whether it was
     */
    take(index, text) {
      if (pick.getAttribute("aria-pressed") !== "true") return false;
      wait(false);
      if (text === undefined || !change({ at: index, by: "" })) return true;
      box.value = text;
      box.focus();
      box.select();
      return true;
    },

    /**
     * @param {import("./view.js").View} view
     * @param {string} original the text of the token that is replaced
     */
    show(view, original) {
      const other = view.at !== at;
      at = view.at;
      const values = { PLACE: at + 1, TEXT: visible(original) };
      write(picked, at < 0 ? words.nonePicked : fill(words.picked, values));
      // what is typed, but not applied, stays
      if (view.by) box.value = view.by;
      else if (other) box.value = at < 0 ? "" : original;
      box.removeAttribute("aria-invalid");
      takeBack.disabled = at < 0;
    },
  };
}
