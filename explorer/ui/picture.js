/**
 * A panel as a picture: an SVG drawn from what the browser has laid out, and a PNG made from it.
 *
 * Texts, boxes and charts stay vectors, which every program shows; a canvas is an image within.
 */
import { find } from "./dom.js";
import { drawBox, drawLines, drawText, element, middle, place } from "./shapes.js";

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
  if (style.overflow !== "visible") {
    const clip = element("svg", { ...place(box), viewBox: Object.values(place(box)).join(" ") });
    target.append(clip);
    target = clip; // which cuts off what is outside
  }
  if (source instanceof HTMLCanvasElement) {
    const stretched = { ...place(box), preserveAspectRatio: "none" }; // as the page stretches it
    target.append(element("image", { ...stretched, href: source.toDataURL() }));
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
