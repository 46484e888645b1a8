/**
 * Choosing a point of the plane on a canvas, by pointer or by keyboard.
 */
import { oncePerFrame } from "../../ui/background.js";
import { fromPointer } from "../../ui/plane.js";

const LONG = 0.1; // of a key press
const SHORT = 0.01;

/** @type {Record<string, [number, number]>} */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * @param {HTMLCanvasElement} canvas
 * @param {() => [number, number]} point that is chosen
 * @param {(x: number, y: number) => void} choose
 */
export function makePointable(canvas, point, choose) {
  const soon = oncePerFrame(choose);
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    soon(...fromPointer(canvas, event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) soon(...fromPointer(canvas, event));
  });
  canvas.addEventListener("keydown", (event) => {
    if (!Object.hasOwn(KEYS, event.key)) return;
    event.preventDefault();
    const [x, y] = point();
    const by = event.shiftKey ? SHORT : LONG;
    choose(x + by * KEYS[event.key][0], y + by * KEYS[event.key][1]);
  });
}
