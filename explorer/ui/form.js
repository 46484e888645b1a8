/**
 * The controls of a panel as one value, its view, which the link keeps, too.
 */
import { common as words } from "../words/common.js";
import { oncePerFrame } from "./background.js";
import { fill, find, write } from "./dom.js";
import { onLink, readLink, writeLink } from "./link.js";

/**
 * @template {Record<string, any>} View
 * @typedef {object} Options
 * @property {string} prefix of the view's keys in the link
 * @property {View} initial values are numbers, booleans or strings, except those with a format
 * @property {Record<string, Record<string, string>>} choices values and texts of each <select>
 * @property {(view: View) => void} check throws a RangeError, whose message is a sentence
 * @property {(view: View) => void} show called when the view has changed
 * @property {(view: View, changes: Partial<View>) => View} [change] how a control's change is taken
 *   into the view, if it changes more than its own value
 * @property {Record<string, Format>} [formats] of other values, by key
 */

/**
 * @typedef {object} Format of a value in the link
 * @property {(text: string) => any} parse
 * @property {(value: any) => string} text
 *
 * @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control its name is a key of
 *   the view
 */

/**
 * Shows the link's view, and each one that a control or another link sets.
 *
 * Wrong values are refused with a sentence in the panel's .message; the last valid view stays.
 *
 * @template {Record<string, any>} View
 * @param {HTMLElement} panel
 * @param {Options<View>} options
 */
export function makeForm(panel, { prefix, initial, choices, check, show, ...others }) {
  const { change = (view, changes) => ({ ...view, ...changes }), formats = {} } = others;
  const controls = /** @type {Control[]} */ ([...panel.querySelectorAll("[name]")]);
  const message = find(panel, ".message", HTMLElement);
  let view = initial;
  let stale = false;

  for (const control of controls) {
    for (const [value, text] of Object.entries(choices[control.name] ?? {})) {
      /** @type {HTMLSelectElement} */ (control).add(new Option(text, value));
    }
    const apply = (/** @type {Partial<View>} */ changes) =>
      attempt(() => change(view, changes), [control.name]);
    const soon = oncePerFrame(apply);
    // read at once: until the frame, another control's change may put the old value back
    if (control.type === "range") control.addEventListener("input", () => soon(changeOf(control)));
    else control.addEventListener("change", () => apply(changeOf(control)));
  }

  /** @type {(control: Control) => Partial<View>} */
  function changeOf(control) {
    const name = control.name;
    if (!(control instanceof HTMLInputElement) || typeof initial[name] === "string") {
      return /** @type {any} */ ({ [name]: control.value });
    }
    // an empty or wrong number is NaN, which the check refuses
    const value = control.type === "checkbox" ? control.checked : control.valueAsNumber;
    return /** @type {any} */ ({ [name]: value });
  }

  /**
   * Shows the view that `make` gives, if it is valid; marks the named controls if it is not.
   *
   * @param {() => View} make
   * @param {string[]} names
   * @returns {boolean} whether it is
   */
  function attempt(make, names) {
    let next = view;
    try {
      next = make();
      check(next);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      write(message, fill(words.wrong, { SENTENCE: error.message }));
      for (const control of controls) {
        if (names.includes(control.name)) control.setAttribute("aria-invalid", "true");
      }
      return false;
    }
    write(message, "");
    set(next);
    return true;
  }

  /** @param {View} next */
  function set(next) {
    view = next;
    for (const control of controls) {
      if (control.type === "checkbox") {
        /** @type {HTMLInputElement} */ (control).checked = view[control.name];
      } else control.value = String(view[control.name]);
      control.removeAttribute("aria-invalid");
      const value = control.parentElement?.querySelector("output");
      if (value) value.value = Number(control.value).toFixed(2);
    }
    keep(view);
    show(view);
  }

  /** Writes what differs from the initial view into the link. @param {View} next */
  function keep(next) {
    view = next;
    /** @type {Record<string, string | null>} */
    const values = {};
    for (const [key, first] of Object.entries(initial)) {
      const text = formats[key]?.text ?? String;
      values[prefix + key] = text(view[key]) === text(first) ? null : text(view[key]);
    }
    writeLink(values);
  }

  /** @returns {View} */
  function fromLink() {
    const link = readLink();
    const entries = Object.entries(initial).map(([key, first]) => {
      const text = link.get(prefix + key);
      if (text === null) return [key, first];
      if (formats[key]) return [key, formats[key].parse(text)];
      if (typeof first === "boolean") return [key, text === "true"];
      return [key, typeof first === "number" ? toNumber(text) : text];
    });
    return Object.fromEntries(entries);
  }

  function reopen() {
    stale = false;
    if (!attempt(fromLink, [])) set(view); // so that the panel is never blank
  }

  // a hidden panel does not compute anything before it is shown
  onLink(() => (panel.hidden ? (stale = true) : reopen()));
  panel.addEventListener("shown", () => stale && reopen());

  return {
    view: () => view,
    set,
    /**
     * Takes changes into the view as those of a control, unless they are wrong.
     *
     * @param {Partial<View>} changes
     * @param {string[]} [names] of controls to mark if they are
     * @returns {boolean} whether they were right
     */
    change: (changes, names = []) => attempt(() => change(view, changes), names),
    /** Takes a view into the link that is shown already. */
    keep,
    /** Shows what the link says: to be called once, when the panel is ready. */
    start: reopen,
  };
}

/** NaN for a text without a number, which Number takes for 0. @type {(text: string) => number} */
export function toNumber(text) {
  return text.trim() ? Number(text) : NaN;
}
