/** Finding and making elements. */

/**
 * @template {Element} T
 * @param {Element} root
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
 * Fills in the words of elements that have data-word, data-label (for screen readers) or
 * data-value (what a text box starts with).
 *
 * @param {HTMLElement} root
 * @param {Record<string, string>} words
 */
export function fillWords(root, words) {
  for (const element of root.querySelectorAll("[data-word], [data-label], [data-value]")) {
    const { word, label, value } = /** @type {HTMLElement} */ (element).dataset;
    if (word) element.prepend(words[word]);
    if (label) element.setAttribute("aria-label", words[label]);
    if (value) /** @type {HTMLTextAreaElement} */ (element).value = words[value];
  }
}

/**
 * A token's text with its line breaks and tabs visible.
 *
 * @param {string} text
 */
export const visible = (text) =>
  text.replaceAll("\n", "\u21b5").replaceAll("\r", "\u240d").replaceAll("\t", "\u21e5");
