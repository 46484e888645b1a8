/** Finding, making and filling in elements. */

/**
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T} the first element in `root` that fits
 */
export function find(root, selector, type) {
  const found = root.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`no ${type.name} fits ${selector}`);
  return found;
}

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * A text, unless it is there already: screen readers would announce it again.
 *
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * A sentence with its {NAMES} filled in.
 *
 * @param {string} sentence
 * @param {Record<string, string | number>} values
 */
export function fill(sentence, values) {
  return sentence.replace(/\{([A-Z]+)\}/g, (_, name) => String(values[name]));
}

/**
 * Fills in the words of elements that have data-word (text), data-label (for screen readers) or
 * data-value (what a text box starts with).
 *
 * @param {ParentNode} root
 * @param {Record<string, any>} table of words
 */
export function fillWords(root, table) {
  for (const element of root.querySelectorAll("[data-word], [data-label], [data-value]")) {
    const { word, label, value } = /** @type {HTMLElement} */ (element).dataset;
    if (word) element.textContent = table[word];
    if (label) element.setAttribute("aria-label", table[label]);
    if (value) /** @type {HTMLTextAreaElement} */ (element).value = table[value];
  }
}

/**
 * A token's text with its line breaks and tabs visible.
 *
 * @param {string} text
 */
export const visible = (text) =>
  text.replaceAll("\n", "\u21b5").replaceAll("\r", "\u240d").replaceAll("\t", "\u21e5");
