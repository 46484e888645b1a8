/**
 * The shapes of which a panel's picture is made: boxes and texts of the page as SVG.
 */
const SVG = "http://www.w3.org/2000/svg";

/**
 * What an element has behind its text: its background and its borders.
 *
 * @param {DOMRect} box
 * @param {CSSStyleDeclaration} style
 * @param {Element} target
 */
export function drawBox(box, style, target) {
  const visible = (/** @type {string} */ colour) => !/^rgba\(.*, 0\)$/.test(colour);
  if (visible(style.backgroundColor)) {
    target.append(element("rect", { ...place(box), fill: style.backgroundColor }));
  }
  const { left, top, right, bottom } = box;
  /** @type {[string, number[]][]} */
  const sides = [
    ["Top", [left, top, right, top]],
    ["Right", [right, top, right, bottom]],
    ["Bottom", [left, bottom, right, bottom]],
    ["Left", [left, top, left, bottom]],
  ];
  for (const [side, [x1, y1, x2, y2]] of sides) {
    const of = (/** @type {string} */ what) => /** @type {any} */ (style)[`border${side}${what}`];
    const width = parseFloat(of("Width"));
    if (!width || of("Style") === "none" || !visible(of("Color"))) continue;
    const ends = { x1: String(x1), y1: String(y1), x2: String(x2), y2: String(y2) };
    target.append(element("line", { ...ends, stroke: of("Color"), "stroke-width": String(width) }));
  }
}

/**
 * The lines into which the browser has broken a text.
 *
 * @param {Text} node
 * @param {CSSStyleDeclaration} style
 * @param {Element} target
 */
export function drawLines(node, style, target) {
  const range = document.createRange();
  /** @type {{ text: string, left: number, top: number, bottom: number }[]} */
  const lines = [];
  let start = 0;
  for (const character of node.data) {
    range.setStart(node, start);
    start += character.length;
    range.setEnd(node, start);
    const box = range.getClientRects()[0];
    // white space that the browser has collapsed
    if (!box || (!box.width && !character.trim())) continue;
    const last = lines[lines.length - 1];
    if (last && box.top < last.bottom && box.bottom > last.top) last.text += character;
    else lines.push({ text: character, left: box.left, top: box.top, bottom: box.bottom });
  }
  for (const { text, left, top, bottom } of lines) {
    drawText(text, left, (top + bottom) / 2, style, target);
  }
}

/**
 * @param {string} text
 * @param {number} x where it begins
 * @param {number} y of its middle
 * @param {CSSStyleDeclaration} style
 * @param {Element} target
 */
export function drawText(text, x, y, style, target) {
  if (!text.trim()) return;
  const font = { "font-family": style.fontFamily, "font-size": style.fontSize };
  const look = { ...font, "font-weight": style.fontWeight, fill: style.color };
  const at = {
    x: String(x),
    y: String(y),
    "dominant-baseline": "central",
    "xml:space": "preserve",
  };
  const shape = element("text", { ...at, ...look });
  shape.textContent = text.replaceAll("\n", " ");
  target.append(shape);
}

/** @param {DOMRect} box */
export function middle(box) {
  return (box.top + box.bottom) / 2;
}

/** @param {DOMRect} box */
export function place({ x, y, width, height }) {
  return { x: String(x), y: String(y), width: String(width), height: String(height) };
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 */
export function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "xml:space")
      made.setAttributeNS("http://www.w3.org/XML/1998/namespace", key, value);
    else made.setAttribute(key, value);
  }
  return made;
}
