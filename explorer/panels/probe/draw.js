/**
 * The picture: the truth's density, the classes' regions, and the probe.
 *
 * @typedef {import("../../lib/diffusion/load.js").Diffusion} Diffusion
 */
import { colourScale, gridPoints, heat } from "../../ui/heat.js";
import { addBox, axes, cleared, colourOf, reachOf, toPixels } from "../../ui/plane.js";

const SIDE = 120; // cells of the heat map in a row
const DEPTH = 0.55; // of the colour at the greatest density, so that all else is legible on it
const RING = 12; // radii and widths in pixels of the canvas
const HALO = 8;

/**
 * The truth's density on the grid, relative to its maximum, kept by label.
 *
 * Smoothed to the cells: sigma_0 is less than a pixel.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Diffusion["truthOf"]} truthOf
 */
export function makeDensities(canvas, truthOf) {
  /** @type {Map<number | null, Float64Array>} */
  const kept = new Map();
  const reach = reachOf(canvas);
  const grid = gridPoints(SIDE, reach);

  return {
    get: (/** @type {number | null} */ label) => kept.get(label),
    /** @param {number | null} label */
    *compute(label) {
      if (kept.has(label)) return;
      const truth = truthOf(label);
      const log = new Float64Array(SIDE * SIDE);
      for (let row = 0; row < SIDE; row++) {
        const cells = grid.subarray(2 * SIDE * row, 2 * SIDE * (row + 1));
        log.set(truth.logDensity(cells, (2 * reach) / SIDE), SIDE * row);
        yield;
      }
      const most = log.reduce((a, b) => Math.max(a, b));
      kept.set(
        label,
        log.map((value) => Math.exp(value - most)),
      );
    },
  };
}

/**
 * A heat map that is painted anew only when what it shows changes, not in each step of a drag.
 *
 * @param {HTMLCanvasElement} canvas
 */
export function makeGround(canvas) {
  const ground = document.createElement("canvas");
  Object.assign(ground, { width: canvas.width, height: canvas.height });
  /** @type {Float64Array | undefined} */
  let shown;
  let colours = "";

  /** @param {Float64Array | undefined} density on the grid; undefined while it is not known */
  return (density) => {
    const stops = ["--page", "--dot"].map((name) => sixDigits(colourOf(canvas, name)));
    if (density !== shown || stops.join() !== colours) {
      const scale = colourScale(stops);
      const context = cleared(ground);
      if (density) heat(context, density, (value) => scale(DEPTH * value));
      [shown, colours] = [density, stops.join()];
    }
    return ground;
  };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLCanvasElement} ground the heat map
 * @param {number[][]} regions
 * @param {number} right class at the probe; -1 for none
 * @param {[number, number]} probe
 */
export function draw(canvas, ground, regions, right, probe) {
  const context = cleared(canvas);
  const [page, text, chosen] = ["--page", "--text", "--chosen"].map((n) => colourOf(canvas, n));
  context.drawImage(ground, 0, 0);
  axes(context, colourOf(canvas, "--quiet"), false);

  context.beginPath();
  for (const corners of regions) addBox(context, corners);
  Object.assign(context, { strokeStyle: text, lineWidth: 1.5 });
  context.stroke();
  if (right >= 0) {
    context.beginPath();
    addBox(context, regions[right]);
    Object.assign(context, { strokeStyle: chosen, lineWidth: 4 });
    context.stroke();
  }
  Object.assign(context, { textAlign: "left", textBaseline: "top", fillStyle: text });
  regions.forEach(([left, , , top], i) => {
    const [x, y] = toPixels(canvas, left, top);
    context.fillText(String(i), x + HALO, y + HALO);
  });
  cross(context, probe, chosen, page);
}

/**
 * A ring with a cross, on a wider one behind, so that it is seen on every ground.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number]} probe
 * @param {string} colour
 * @param {string} behind
 */
function cross(context, probe, colour, behind) {
  const [x, y] = toPixels(context.canvas, ...probe);
  context.beginPath();
  context.arc(x, y, RING, 0, 2 * Math.PI);
  for (const [dx, dy] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ]) {
    context.moveTo(x + dx * 0.4 * RING, y + dy * 0.4 * RING);
    context.lineTo(x + dx * 2 * RING, y + dy * 2 * RING);
  }
  for (const [strokeStyle, lineWidth] of [
    [behind, HALO],
    [colour, 4],
  ]) {
    Object.assign(context, { strokeStyle, lineWidth, lineCap: "butt" });
    context.stroke();
  }
}

/** #abc as #aabbcc. @param {string} colour */
function sixDigits(colour) {
  return colour.length === 4
    ? `#${[...colour.slice(1)].map((digit) => digit + digit).join("")}`
    : colour;
}
