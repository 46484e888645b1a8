/**
 * Numbers as texts, with a real minus sign.
 */

/**
 * A number with the decimals that another of this size has with so many digits.
 *
 * @param {number} value
 * @param {number} size
 * @param {number} digits
 */
export function toDecimals(value, size, digits) {
  const decimals = size > 0 ? digits - 1 - Math.floor(Math.log10(size)) : digits;
  const text = value.toFixed(Math.min(Math.max(decimals, 0), 20));
  return (Number(text) ? text : text.replace("-", "")).replace("-", "\u2212");
}

/**
 * A number, with a power of ten where it is small or large.
 *
 * @param {number} value
 * @param {number} digits
 */
export function number(value, digits = 4) {
  const size = Math.abs(value);
  const plain = size === 0 || (size >= 1e-3 && size < 1e5);
  const text = plain
    ? Number(value.toPrecision(digits)).toString()
    : value.toExponential(digits - 1);
  return text.replaceAll("-", "\u2212").replace("e+", "e");
}
