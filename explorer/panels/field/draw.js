/**
 * Drawing the panel's pictures: heat map, arrows, chosen point, and the scale of the colours.
 */
import { colourScale, heat } from "../../ui/heat.js";
import { arrows, axes, cleared, colourOf, toPixels } from "../../ui/plane.js";

const RING = 10; // pixels of the canvas
const FAINT = 0.2; // opacity

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("./pictures.js").Picture} picture
 * @param {boolean} square whether the data is the square [-1, 1]^2
 */
export function drawField(canvas, { values, scale, colours, clear, faint }, square) {
  const context = cleared(canvas);
  const colour = scaleOf(canvas, colours);
  heat(context, values, (value) => colour(scale.fraction(value)));
  axes(context, colourOf(canvas, "--quiet"), square);
  const text = colourOf(canvas, "--text");
  arrows(context, clear.starts, clear.arrows, text);
  context.globalAlpha = FAINT;
  arrows(context, faint.starts, faint.arrows, text);
  context.globalAlpha = 1;
}

/**
 * The chosen point, with a line to the denoised one.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {[number, number]} point
 * @param {[number, number] | null} denoised
 */
export function drawPoint(canvas, point, denoised) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const at = toPixels(canvas, ...point);
  context.lineCap = "round";
  // a wider line behind, so that it is seen on every ground
  for (const [colour, wide] of [
    [colourOf(canvas, "--page"), 5],
    [colourOf(canvas, "--point"), 0],
  ]) {
    Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineWidth: 4 + Number(wide) });
    context.beginPath();
    context.arc(...at, RING, 0, 2 * Math.PI);
    if (denoised) {
      context.moveTo(...at);
      context.lineTo(...toPixels(canvas, ...denoised));
    }
    context.stroke();
    if (!denoised) continue;
    context.beginPath();
    context.arc(...toPixels(canvas, ...denoised), RING - 4 + Number(wide) / 2, 0, 2 * Math.PI);
    context.fill();
  }
}

/**
 * The colours of a heat map from low to high.
 *
 * @param {HTMLCanvasElement} canvas one pixel high
 * @param {string} colours
 */
export function drawScale(canvas, colours) {
  const context = cleared(canvas);
  const colour = scaleOf(canvas, colours);
  for (let x = 0; x < canvas.width; x++) {
    context.fillStyle = `rgb(${colour(x / (canvas.width - 1)).join(" ")})`;
    context.fillRect(x, 0, 1, canvas.height);
  }
}

/**
 * @param {Element} element
 * @param {string} colours
 */
function scaleOf(element, colours) {
  return colourScale([0, 1, 2].map((i) => colourOf(element, `--${colours}-${i}`).trim()));
}
