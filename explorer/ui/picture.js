/**
 * A panel as a picture: an SVG drawn from what the browser has laid out, and a PNG made from it.
 *
 * Texts, boxes and charts stay vectors, which every program shows; a canvas is an image within.
 */
import { find } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const SCALE = 2; // pixels of the PNG per pixel of the page
const MARGIN = 16;

/**
 * Lets the page's buttons save the panel that is shown.
 *
 * @param {() => HTMLElement} shown
 */
export function makeSaving(shown) {
  find(document, ".save-svg", HTMLButtonElement).addEventListener("click", () => {
    save(new Blob([pictureOf(shown())], { type: "image/svg+xml" }), `${shown().id}.svg`);
  });
  find(document, ".save-png", HTMLButtonElement).addEventListener("click", async () => {
    save(await rasterised(pictureOf(shown())), `${shown().id}.png`);
  });
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // some browsers ask where to first
}

/**
 * @param {string} svg
 * @returns {Promise<Blob>}
 */
async function rasterised(svg) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width * SCALE, image.height * SCALE);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob();
}

/**
 * The text of an SVG that shows an element as it is now.
 *
 * @param {HTMLElement} root
 * @returns {string}
 */
export function pictureOf(root) {
  const bounds = root.getBoundingClientRect();
  const [width, height] = [bounds.width + 2 * MARGIN, bounds.height + 2 * MARGIN];
  const size = { width: String(width), height: String(height) };
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, ...size });
  svg.append(element("rect", { ...size, fill: getComputedStyle(document.body).backgroundColor }));
  const [x, y] = [MARGIN - bounds.left, MARGIN - bounds.top];
  const group = element("g", { transform: `translate(${x} ${y})` });
  svg.append(group);
  drawElement(root, group);
  return new XMLSerializer().serializeToString(svg);
}

/**
 * @param {Element} source
 * @param {Element} target gets the shapes
 */
function drawElement(source, target) {
  const style = getComputedStyle(source);
  const box = source.getBoundingClientRect();
  if (style.visibility === "hidden" || style.display === "none") return;
  if (style.display !== "contents" && !(box.width && box.height)) return;
  if (source instanceof SVGSVGElement) {
    const copy = /** @type {SVGSVGElement} */ (source.cloneNode(true));
    for (const name of ["x", "y", "width", "height"]) {
      copy.setAttribute(name, String(/** @type {any} */ (box)[name]));
    }
    target.append(copy);
    return;
  }
  drawBox(box, style, target);
  if (style.overflow === "hidden") {
    const clip = element("svg", { ...place(box), viewBox: Object.values(place(box)).join(" ") });
    target.append(clip);
    target = clip; // which cuts off what is outside
  }
  if (source instanceof HTMLCanvasElement) {
    target.append(element("image", { ...place(box), href: source.toDataURL() }));
  }
  if (source instanceof HTMLInputElement) return drawControl(source, box, target);
  if (source instanceof HTMLSelectElement) {
    const chosen = source.selectedOptions[0]?.textContent ?? "";
    return drawText(`${chosen} \u25be`, box.left + 4, middle(box), style, target);
  }
  if (source instanceof HTMLTextAreaElement) {
    return drawText(source.value, box.left + 4, middle(box), style, target);
  }
  for (const child of source.childNodes) {
    if (child instanceof Element) drawElement(child, target);
    else if (child instanceof Text) drawLines(child, style, target);
  }
}

/**
 * What an element has behind its text: its background and its borders.
 *
 * @param {DOMRect} box
 * @param {CSSStyleDeclaration} style
 * @param {Element} target
 */
function drawBox(box, style, target) {
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
 * @param {HTMLInputElement} input
 * @param {DOMRect} box
 * @param {Element} target
 */
function drawControl(input, box, target) {
  const style = getComputedStyle(input);
  if (input.type === "checkbox") {
    return drawText(input.checked ? "\u2611" : "\u2610", box.left, middle(box), style, target);
  }
  if (input.type !== "range") {
    return drawText(input.value, box.left + 4, middle(box), style, target);
  }
  const [least, most] = [Number(input.min), Number(input.max)];
  const at = box.left + (box.width * (input.valueAsNumber - least)) / (most - least || 1);
  const y = String(middle(box));
  const ends = { x1: String(box.left), x2: String(box.right), y1: y, y2: y };
  target.append(element("line", { ...ends, stroke: style.color, "stroke-width": "2" }));
  target.append(element("circle", { cx: String(at), cy: y, r: "6", fill: style.color }));
}

/**
 * The lines into which the browser has broken a text.
 *
 * @param {Text} node
 * @param {CSSStyleDeclaration} style
 * @param {Element} target
 */
function drawLines(node, style, target) {
  const range = document.createRange();
  /** @type {{ text: string, left: number, top: number, bottom: number }[]} */
  const lines = [];
  let start = 0;
  for (const character of node.data) {
    range.setStart(node, start);
    start += character.length;
    range.setEnd(node, start);
    const box = range.getClientRects()[0];
    if (!box) continue; // white space that is not shown
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
function drawText(text, x, y, style, target) {
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
function middle(box) {
  return (box.top + box.bottom) / 2;
}

/** @param {DOMRect} box */
function place({ x, y, width, height }) {
  return { x: String(x), y: String(y), width: String(width), height: String(height) };
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 */
function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "xml:space")
      made.setAttributeNS("http://www.w3.org/XML/1998/namespace", key, value);
    else made.setAttribute(key, value);
  }
  return made;
}
