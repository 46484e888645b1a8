/**
 * Heat maps of the plane: a grid of numbers as colours.
 */
import { REACH } from "./plane.js";

/**
 * The centres of the cells of a grid over the plane, row by row from the top left.
 *
 * @param {number} side cells in a row
 * @param {number} reach of the canvas
 * @returns {Float64Array} (side * side, 2)
 */
export function gridPoints(side, reach = REACH) {
  const at = (/** @type {number} */ i) => reach * ((2 * i + 1) / side - 1);
  return Float64Array.from({ length: 2 * side * side }, (_, i) => {
    const cell = i >> 1;
    return i % 2 ? -at(Math.floor(cell / side)) : at(cell % side);
  });
}

/**
 * Fills the canvas with a grid's cells.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Float64Array} values (side * side), as gridPoints
 * @param {(value: number) => [number, number, number]} colour red, green and blue, 0 to 255
 */
export function heat(context, values, colour) {
  const side = Math.sqrt(values.length);
  const image = new ImageData(side, side);
  values.forEach((value, i) => image.data.set([...colour(value), 255], 4 * i));
  const small = new OffscreenCanvas(side, side);
  /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d")).putImageData(
    image,
    0,
    0,
  );
  context.drawImage(small, 0, 0, context.canvas.width, context.canvas.height);
}

/**
 * A function that gives the colour at a fraction of the way through a list of colours.
 *
 * @param {string[]} stops such as #0072b2, evenly spaced from 0 to 1
 * @returns {(fraction: number) => [number, number, number]} cut off below 0 and above 1
 */
export function colourScale(stops) {
  const colours = stops.map((stop) => [1, 3, 5].map((i) => parseInt(stop.slice(i, i + 2), 16)));
  return (fraction) => {
    const place = Math.min(Math.max(fraction, 0), 1) * (colours.length - 1);
    const i = Math.min(Math.floor(place), colours.length - 2);
    const mix = (/** @type {number} */ channel) =>
      colours[i][channel] + (place - i) * (colours[i + 1][channel] - colours[i][channel]);
    return [mix(0), mix(1), mix(2)];
  };
}
