/**
 * Choosing a point and moving its start, on a canvas, by pointer or by keyboard.
 *
 * @typedef {object} Points what the canvas shows
 * @property {() => Float64Array} shown (n, 2) at the time that is shown
 * @property {() => Float64Array} start (n, 2) at t = 1
 * @property {() => number} chosen -1 for none
 * @property {(i: number) => void} choose
 * @property {(i: number, x: number, y: number) => void} move sets where point i starts
 */
import { oncePerFrame } from "../../ui/background.js";
import { fromPointer } from "../../ui/plane.js";

const NEAR = 0.12; // from the ring of the chosen point's start, to take it by that
const LONG = 0.1; // of a key press
const SHORT = 0.01;

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Points} points
 */
export function makeDraggable(canvas, points) {
  /** @type {[number, number] | null} from the pointer to the start; null while not dragging */
  let offset = null;

  const startOf = (/** @type {number} */ i) => points.start().subarray(2 * i, 2 * i + 2);

  /** The chosen point if the pointer is on its ring, or else the one nearest to it. */
  const find = (/** @type {[number, number]} */ at) => {
    const i = points.chosen();
    if (i >= 0 && nearest(startOf(i), at).distance < NEAR) return i;
    return nearest(points.shown(), at).index;
  };

  const drag = oncePerFrame((/** @type {[number, number]} */ [x, y]) => {
    if (offset) points.move(points.chosen(), x + offset[0], y + offset[1]);
  });

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    const at = fromPointer(canvas, event);
    const i = find(at);
    if (i < 0) return;
    points.choose(i);
    const [x, y] = startOf(i);
    offset = [x - at[0], y - at[1]];
  });
  canvas.addEventListener("pointermove", (event) => {
    if (offset) drag(fromPointer(canvas, event));
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    canvas.addEventListener(name, () => requestAnimationFrame(() => (offset = null)));
  }

  canvas.addEventListener("keydown", (event) => {
    const i = points.chosen();
    const n = points.start().length / 2;
    if (event.key in ARROWS && i >= 0) {
      const [x, y] = startOf(i);
      const by = event.shiftKey ? SHORT : LONG;
      points.move(i, x + by * ARROWS[event.key][0], y + by * ARROWS[event.key][1]);
    } else if (event.key === "PageDown") points.choose((i + 1) % n);
    else if (event.key === "PageUp") points.choose((Math.max(i, 0) + n - 1) % n);
    else if (event.key === "Escape") points.choose(-1);
    else return;
    event.preventDefault();
  });
}

/**
 * @param {Float64Array} points (n, 2); NaN for those not yet known
 * @param {[number, number]} at
 */
function nearest(points, [x, y]) {
  let [index, square] = [-1, Infinity];
  for (let i = 0; i < points.length; i += 2) {
    const here = (points[i] - x) ** 2 + (points[i + 1] - y) ** 2;
    if (here < square) [index, square] = [i / 2, here];
  }
  return { index, distance: Math.sqrt(square) };
}
