/**
 * Marks and arrows on a canvas, with a halo, so that they are seen on dots and on each other.
 *
 * @typedef {[number, number]} Point in pixels
 */

export const RADIUS = 11; // lengths in pixels of the canvas
export const LINE = 4;
export const HALO = 9;
const HEAD = 22; // of an arrow, its length
const SHORTEST = 0.5; // arrow that is drawn

/** @type {(context: CanvasRenderingContext2D, at: Point, size: number) => void} */
export function disc(context, [x, y], size) {
  context.beginPath();
  context.arc(x, y, size, 0, 2 * Math.PI);
}

/** @type {(context: CanvasRenderingContext2D, at: Point, size: number) => void} */
export function box(context, [x, y], size) {
  context.beginPath();
  context.rect(x - 0.9 * size, y - 0.9 * size, 1.8 * size, 1.8 * size);
}

/** @type {(context: CanvasRenderingContext2D, at: Point, size: number) => void} */
export function diamond(context, [x, y], size) {
  context.beginPath();
  context.moveTo(x, y - 1.2 * size);
  context.lineTo(x + 1.2 * size, y);
  context.lineTo(x, y + 1.2 * size);
  context.lineTo(x - 1.2 * size, y);
  context.closePath();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Point} at
 * @param {number} size
 * @param {string} colour
 * @param {string} behind
 */
export function ring(context, at, size, colour, behind) {
  disc(context, at, size);
  twice(context, colour, behind, LINE);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Point} from
 * @param {Point} to
 * @param {string} colour
 * @param {string} behind
 * @param {number} width
 */
export function arrow(context, [x, y], [toX, toY], colour, behind, width) {
  const length = Math.hypot(toX - x, toY - y);
  if (length < RADIUS + SHORTEST) return;
  const [dx, dy] = [(toX - x) / length, (toY - y) / length];
  const head = Math.min(HEAD, length / 2);
  const [tipX, tipY] = [toX - RADIUS * dx, toY - RADIUS * dy]; // at the ring around x_t
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(tipX, tipY);
  for (const side of [-0.5, 0.5]) {
    context.moveTo(tipX, tipY);
    context.lineTo(tipX - head * (dx + side * dy), tipY - head * (dy - side * dx));
  }
  twice(context, colour, behind, width);
}

/**
 * Strokes the path, on a wider stroke behind.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} colour
 * @param {string} behind
 * @param {number} width
 */
export function twice(context, colour, behind, width) {
  for (const [strokeStyle, lineWidth] of [
    [behind, width + HALO / 2],
    [colour, width],
  ]) {
    Object.assign(context, { strokeStyle, lineWidth, lineCap: "round", lineJoin: "round" });
    context.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {Point} at of what it names
 * @param {number} side to the right of it, or -1 to the left
 * @param {string} colour
 * @param {string} behind
 */
export function label(context, text, [x, y], side, colour, behind) {
  context.font = `italic ${context.canvas.width / 26}px system-ui, sans-serif`;
  Object.assign(context, {
    textAlign: side < 0 ? "right" : "left",
    textBaseline: "bottom",
    lineWidth: HALO,
  });
  Object.assign(context, { strokeStyle: behind, fillStyle: colour });
  context.strokeText(text, x + 1.6 * side * RADIUS, y - RADIUS);
  context.fillText(text, x + 1.6 * side * RADIUS, y - RADIUS);
}
