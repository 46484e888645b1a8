/**
 * The picture of a side: its points at one time, and the trajectory of the chosen one.
 */

const REACH = 3; // the plane is drawn from -REACH to REACH
const DOT = 2.5; // radii and widths in pixels of the canvas
const RING = 9;
const TICK = 10;
const TICKS = [-1, 0, 1];

/**
 * @param {HTMLCanvasElement} canvas whose CSS sets the colours
 * @param {Float64Array[]} states (n, 2) at each time; NaN where not yet known
 * @param {number} step that is shown
 * @param {number} chosen point; -1 for none
 * @param {boolean} square whether the data is the square [-1, 1]^2
 */
export function draw(canvas, states, step, chosen, square) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const style = getComputedStyle(canvas);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name);
  context.clearRect(0, 0, canvas.width, canvas.height);
  axes(context, colour("--quiet"), square);
  context.fillStyle = style.color;
  const points = states[step];
  for (let i = 0; i < points.length; i += 2) {
    if (Number.isNaN(points[i])) continue;
    const [x, y] = toPixels(canvas, points[i], points[i + 1]);
    context.beginPath();
    context.arc(x, y, DOT, 0, 2 * Math.PI);
    context.fill();
  }
  if (chosen < 0) return;
  const path = states.map((x) => toPixels(canvas, x[2 * chosen], x[2 * chosen + 1]));
  trajectory(context, path, step, colour("--chosen"), colour("--page"));
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} colour
 * @param {boolean} square
 */
function axes(context, colour, square) {
  const { canvas } = context;
  Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineWidth: 2 });
  context.font = `${canvas.width / 36}px system-ui, sans-serif`;
  context.beginPath();
  for (const tick of TICKS) {
    const [x, y] = toPixels(canvas, tick, tick);
    context.moveTo(x, canvas.height);
    context.lineTo(x, canvas.height - TICK);
    context.moveTo(0, y);
    context.lineTo(TICK, y);
    const text = String(tick).replace("-", "\u2212");
    Object.assign(context, { textAlign: "center", textBaseline: "bottom" });
    context.fillText(text, x, canvas.height - 1.3 * TICK);
    Object.assign(context, { textAlign: "left", textBaseline: "middle" });
    context.fillText(text, 1.5 * TICK, y);
  }
  const [left, top] = toPixels(canvas, -1, 1);
  const [right, bottom] = toPixels(canvas, 1, -1);
  if (square) context.rect(left, top, right - left, bottom - top);
  context.stroke();
}

/**
 * A line with a ring where it starts and a dot where it is now.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number][]} path
 * @param {number} step
 * @param {string} colour
 * @param {string} behind
 */
function trajectory(context, path, step, colour, behind) {
  Object.assign(context, { lineJoin: "round", fillStyle: colour });
  const line = () => {
    context.beginPath();
    for (const [x, y] of path) if (!Number.isNaN(x)) context.lineTo(x, y);
    context.stroke();
    context.beginPath();
    context.arc(...path[0], RING, 0, 2 * Math.PI);
    context.stroke();
  };
  // a wider line behind, so that it is seen on a ground of dots
  for (const [strokeStyle, lineWidth] of [
    [behind, 8],
    [colour, 4],
  ]) {
    Object.assign(context, { strokeStyle, lineWidth });
    line();
  }
  context.beginPath();
  context.arc(...path[step], RING - 2, 0, 2 * Math.PI);
  context.fill();
}

/** @type {(canvas: HTMLCanvasElement, x: number, y: number) => [number, number]} */
function toPixels(canvas, x, y) {
  const scale = canvas.width / (2 * REACH);
  return [(REACH + x) * scale, (REACH - y) * scale];
}

/**
 * The point of the plane under a pointer.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {{ clientX: number, clientY: number }} pointer
 * @returns {[number, number]}
 */
export function fromPointer(canvas, { clientX, clientY }) {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const across = (clientX - left) / width;
  return [REACH * (2 * across - 1), REACH * (1 - (2 * (clientY - top)) / height)];
}
