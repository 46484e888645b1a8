/**
 * The picture of a side: its points at one time, and the trajectory of the chosen one.
 */
import { axes, cleared, colourOf, discs, toPixels } from "../../ui/plane.js";

const DOT = 2.5; // radii and widths in pixels of the canvas
const RING = 9;

/**
 * @param {HTMLCanvasElement} canvas whose CSS sets the colours
 * @param {Float64Array[]} states (n, 2) at each time; NaN where not yet known
 * @param {number} step that is shown
 * @param {number} chosen point; -1 for none
 * @param {boolean} square whether the data is the square [-1, 1]^2
 */
export function draw(canvas, states, step, chosen, square) {
  const context = cleared(canvas);
  axes(context, colourOf(canvas, "--quiet"), square);
  discs(context, states[step], colourOf(canvas, "color"), DOT);
  if (chosen < 0) return;
  const path = states.map((x) => toPixels(canvas, x[2 * chosen], x[2 * chosen + 1]));
  trajectory(context, path, step, colourOf(canvas, "--chosen"), colourOf(canvas, "--page"));
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
