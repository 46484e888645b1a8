/** Numbers as text. */

/**
 * With a minus sign, and without decimals that nobody reads in a large number.
 *
 * @param {number} value NaN for one that is not known yet
 * @param {number} digits after the point
 */
export function decimal(value, digits = 3) {
  if (Number.isNaN(value)) return "\u2026";
  const places = Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 100 ? 1 : digits;
  return value.toFixed(Math.min(places, digits)).replace("-", "\u2212");
}

/**
 * Writes a number into a <data> element, whose value is all of its digits.
 *
 * @param {HTMLDataElement} element
 * @param {number} value
 * @param {string} [text]
 */
export function writeNumber(element, value, text = decimal(value)) {
  element.value = String(value);
  if (element.textContent !== text) element.textContent = text;
}
