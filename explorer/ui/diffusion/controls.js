/**
 * The panel's form: its words, its choices, and the view that it holds.
 *
 * @typedef {import("./view.js").View} View
 */
import { diffusionWords as words } from "../words_diffusion.js";
import { oncePerFrame } from "./background.js";

/** @type {Record<string, Record<string, string>>} */
const OPTIONS = {
  left: words.models,
  leftSolver: words.solvers,
  right: words.models,
  rightSolver: words.solvers,
  schedule: words.schedules,
  prior: words.priors,
};

/** Fills in the text of each element that has data-word. @param {HTMLElement} panel */
export function fillWords(panel) {
  for (const element of panel.querySelectorAll("[data-word]")) {
    const name = /** @type {HTMLElement} */ (element).dataset.word;
    const table = /** @type {Record<string, any>} */ (words);
    element.textContent = table[String(name)];
  }
}

/**
 * @param {HTMLElement} panel
 * @param {(changes: Partial<View>) => void} changed called with what the user has set
 */
export function makeControls(panel, changed) {
  const inputs = /** @type {(HTMLInputElement | HTMLSelectElement)[]} */ ([
    ...panel.querySelectorAll("[name]"),
  ]);
  const apply = (/** @type {HTMLInputElement | HTMLSelectElement} */ input) => {
    const numeric = input.tagName === "INPUT";
    // an empty or wrong number is NaN, which the view's check refuses
    changed({ [input.name]: numeric ? /** @type {any} */ (input).valueAsNumber : input.value });
  };
  for (const input of inputs) {
    for (const [value, text] of Object.entries(OPTIONS[input.name] ?? {})) {
      /** @type {HTMLSelectElement} */ (input).add(new Option(text, value));
    }
    const soon = oncePerFrame(() => apply(input));
    if (input.type === "range") input.addEventListener("input", () => soon());
    else input.addEventListener("change", () => apply(input));
  }

  return {
    /** Shows a view. @param {View} view */
    write(view) {
      for (const input of inputs) {
        input.value = String(/** @type {any} */ (view)[input.name]);
        input.removeAttribute("aria-invalid");
        const value = input.parentElement?.querySelector("output");
        if (value) value.value = Number(input.value).toFixed(2);
      }
    },

    /** Marks what the user has set wrongly. @param {string[]} names */
    mark(names) {
      for (const input of inputs) {
        if (names.includes(input.name)) input.setAttribute("aria-invalid", "true");
      }
    },
  };
}
