/**
 * What the panel's three pictures show of a field: a heat map and arrows.
 *
 * @typedef {import("./compute.js").Field} Field
 * @typedef {object} Scale of a heat map's colours
 * @property {(value: number) => number} fraction 0 to 1 for a value
 * @property {string[]} ends texts of its low end, middle and high end
 *
 * @typedef {object} Arrows
 * @property {Float64Array} starts (n, 2)
 * @property {Float64Array} arrows (n, 2)
 *
 * @typedef {object} Picture
 * @property {Float64Array} values (SIDE * SIDE) of the heat map
 * @property {Scale} scale
 * @property {"density" | "excess"} colours
 * @property {Arrows} clear arrows
 * @property {Arrows} faint arrows
 */
import { gridPoints } from "../../ui/heat.js";
import { REACH } from "../../ui/plane.js";
import { SIDE } from "./compute.js";
import { number } from "./numbers.js";

const EVERY = 3; // cells from arrow to arrow
const COLUMNS = SIDE / EVERY;
const PLACES = gridPoints(COLUMNS);
const SPACE = (0.95 * (2 * REACH)) / COLUMNS; // of an arrow
const GAIN = 10; // of the difference, which is small
const LEAST = 0.02; // of an arrow's space, below which there is none to be seen
const RARE = 1e-3; // of the greatest density, below which hardly any noised data is

/**
 * Network, exact, difference.
 *
 * @param {Field} field
 * @param {string} kind of heat map, "density" or "norm"
 * @returns {Picture[]}
 */
export function picturesOf({ network, exact, density, excess }, kind) {
  const difference = network.map((value, i) => value - exact[i]);
  const rare = RARE * Math.max(...density);
  const arrows = [
    arrowsOf(network, 1, () => true),
    arrowsOf(exact, 1, () => true),
    // an error where no data is costs nothing, and must not catch the eye
    arrowsOf(difference, GAIN, (cell) => density[cell] > rare),
  ];
  const heats =
    kind === "density"
      ? [upTo(density, 1), upTo(density, 1), upTo(excess, 0.5)]
      : [bounded(network, 1), bounded(exact, 1), bounded(difference, 1 / GAIN)];
  return heats.map((heat, i) => ({
    ...heat,
    ...arrows[i],
    colours: i < 2 ? "density" : "excess",
  }));
}

/**
 * From 0 to the greatest; a power below 1 brings out small values.
 *
 * @param {Float64Array} values
 * @param {number} power
 */
function upTo(values, power) {
  const most = Math.max(...values);
  const fraction = (/** @type {number} */ value) => (value / most) ** power;
  return {
    values,
    scale: { fraction, ends: ["0", number(most * 0.5 ** (1 / power), 2), number(most, 2)] },
  };
}

/** The norms, from 0 to infinity. @param {Float64Array} eps (n, 2) @param {number} middle */
function bounded(eps, middle) {
  const norm = (/** @type {number} */ i) => Math.hypot(eps[2 * i], eps[2 * i + 1]);
  const values = new Float64Array(eps.length / 2).map((_, i) => norm(i));
  const fraction = (/** @type {number} */ value) => value / (value + middle);
  return { values, scale: { fraction, ends: ["0", String(middle), "\u221e"] } };
}

/**
 * Arrows against eps, the score's direction, each as long as s / (1 + s) of its space for s = gain
 * |eps|. There are none at the plane's edge, where the axes have their numbers.
 *
 * @param {Float64Array} eps (SIDE * SIDE, 2)
 * @param {number} gain
 * @param {(cell: number) => boolean} isClear
 */
function arrowsOf(eps, gain, isClear) {
  /** @type {number[][]} */
  const [starts, arrows, faintStarts, faintArrows] = [[], [], [], []];
  for (let row = 1; row < COLUMNS - 1; row++) {
    for (let column = 1; column < COLUMNS - 1; column++) {
      const place = row * COLUMNS + column;
      const cell = (row * EVERY + 1) * SIDE + column * EVERY + 1; // the middle one of nine
      const score = [-gain * eps[2 * cell], -gain * eps[2 * cell + 1]];
      const s = Math.hypot(...score);
      if (s / (1 + s) < LEAST) continue;
      const arrow = score.map((value) => (value * SPACE) / (1 + s));
      const clear = isClear(cell);
      (clear ? arrows : faintArrows).push(...arrow);
      // the arrow's middle is in the middle of its space
      const start = arrow.map((value, axis) => PLACES[2 * place + axis] - value / 2);
      (clear ? starts : faintStarts).push(...start);
    }
  }
  const flat = (/** @type {number[][]} */ [starts, arrows]) => {
    return { starts: Float64Array.from(starts), arrows: Float64Array.from(arrows) };
  };
  return { clear: flat([starts, arrows]), faint: flat([faintStarts, faintArrows]) };
}
