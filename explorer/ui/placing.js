/**
 * Placing a point of the plane on a canvas: by click, by drag, or by arrow keys.
 */
import { oncePerFrame } from "./background.js";
import { fromPointer } from "./plane.js";

const FAR = 100; // where a point may be put at most
const LONG = 0.1; // of a key press
const SHORT = 0.01;

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * @param {HTMLCanvasElement} canvas
 * @param {object} point
 * @param {() => [number, number]} point.at where it is
 * @param {(x: number, y: number) => void} point.place
 * @param {(at: [number, number]) => void} [point.take] called when a press begins, there
 * @param {() => void} [point.release] called when it ends
 * @returns {{ dragging: () => boolean }}
 */
export function makePlacing(canvas, { at, place, take = () => {}, release = () => {} }) {
  let dragging = false;
  const soon = oncePerFrame((/** @type {[number, number]} */ to) => place(...to));

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    dragging = true;
    take(fromPointer(canvas, event));
    place(...fromPointer(canvas, event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (dragging) soon(fromPointer(canvas, event));
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    canvas.addEventListener(name, () => {
      if (!dragging) return;
      dragging = false;
      requestAnimationFrame(release); // after the last move
    });
  }
  canvas.addEventListener("keydown", (event) => {
    if (!(event.key in ARROWS)) return;
    const by = event.shiftKey ? SHORT : LONG;
    const [[x, y], [dx, dy]] = [at(), ARROWS[event.key]];
    place(x + by * dx, y + by * dy);
    event.preventDefault();
  });
  return { dragging: () => dragging };
}

/**
 * A coordinate rounded, so that a link reopens exactly this, and not too far.
 *
 * @param {number} coordinate
 */
export function rounded(coordinate, far = FAR) {
  return Number(Math.min(Math.max(coordinate, -far), far).toFixed(4));
}
