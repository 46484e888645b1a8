/**
 * The panel "From noise to data": the network beside the exact denoiser, from the same noise.
 */
import { flow } from "../lib/diffusion/samplers.js";
import { uniformTimes } from "../lib/diffusion/schedule.js";
import { makeRandom } from "../lib/random.js";

const POINTS = 1000;
const STEPS = 50;
const SECONDS = 4; // to play from noise to data
const REACH = 3; // the plane is drawn from -REACH to REACH
const DOT = 2.5; // radius in pixels of the canvas

/** @param {import("../lib/diffusion/load.js").Diffusion} diffusion */
export function noiseToData({ denoisers, schedules }) {
  const panel = /** @type {HTMLElement} */ (document.getElementById("noise-to-data"));
  const find = (/** @type {string} */ name) => panel.querySelector(`.${name}`);
  const [play, redraw] = [find("play"), find("redraw")].map(
    (found) => /** @type {HTMLButtonElement} */ (found),
  );
  const canvases = [...panel.querySelectorAll("canvas")];
  const time = /** @type {HTMLInputElement} */ (find("time"));
  const level = /** @type {HTMLOutputElement} */ (find("level"));
  const schedule = schedules.exponential;
  const times = uniformTimes(STEPS);
  /** @type {[HTMLCanvasElement, Float64Array[]][]} */
  let pictures = [];
  let seed = 0;
  let started = NaN; // when playing began, in ms; NaN while paused

  function start() {
    const noise = makeRandom(seed).normals(2 * POINTS);
    const options = { times, solver: "dpmpp_2m", label: null, eta: 0 };
    pictures = [denoisers.diffusion, denoisers.exact].map((denoiser, i) => [
      canvases[i],
      [...flow(denoiser, schedule, noise, options)],
    ]);
    show();
  }

  function show() {
    const step = Number(time.value);
    level.value = `t = ${times[step].toFixed(2)}, sigma = ${schedule.sigma(times[step]).toFixed(3)}`;
    for (const [canvas, states] of pictures) scatter(canvas, states[step]);
  }

  /** @param {number} now */
  function frame(now) {
    if (Number.isNaN(started)) return;
    const step = Math.floor(((now - started) / 1000 / SECONDS) * STEPS);
    time.value = String(Math.min(step, STEPS));
    show();
    if (step < STEPS) requestAnimationFrame(frame);
    else pause();
  }

  function pause() {
    started = NaN;
    play.textContent = "Play";
  }

  play.addEventListener("click", () => {
    if (!Number.isNaN(started)) return pause();
    const from = Number(time.value) % STEPS; // from the start again after the end
    started = performance.now() - (from / STEPS) * SECONDS * 1000;
    play.textContent = "Pause";
    requestAnimationFrame(frame);
  });
  time.addEventListener("input", () => {
    pause();
    show();
  });
  redraw.addEventListener("click", () => {
    seed += 1;
    start();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  start();
}

/**
 * Draws points, in the colour that the canvas has in CSS.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Float64Array} points (n, 2)
 */
function scatter(canvas, points) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const scale = canvas.width / (2 * REACH);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = getComputedStyle(canvas).color;
  for (let i = 0; i < points.length; i += 2) {
    context.beginPath();
    context.arc((REACH + points[i]) * scale, (REACH - points[i + 1]) * scale, DOT, 0, 2 * Math.PI);
    context.fill();
  }
}
