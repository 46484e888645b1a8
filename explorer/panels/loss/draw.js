/**
 * The picture: x_0 and x_t, and where the network and the exact denoiser think that x_0 was.
 */
import { axes, cleared, colourOf, toPixels } from "../../ui/plane.js";
import { LINE, RADIUS, arrow, box, diamond, disc, label, ring, twice } from "./shapes.js";

const SMALL = 3; // radius of a training point, in pixels of the canvas
const FAINT = 0.13; // opacity of a training point that did not become x_t

/**
 * @typedef {[number, number]} Point
 * @typedef {object} Picture
 * @property {Point} data x_0
 * @property {Point} noisy x_t
 * @property {Point} network denoised
 * @property {Point} exact denoised
 * @property {number} sigma
 * @property {Float64Array} points (n, 2), the training points
 * @property {boolean} square whether they were drawn from the square
 * @property {string} handle that arrow keys move: data or noise
 */

/**
 * @param {HTMLCanvasElement} canvas whose CSS sets the colours
 * @param {Picture} picture
 */
export function draw(canvas, { data, noisy, network, exact, sigma, points, square, handle }) {
  const context = cleared(canvas);
  context.save(); // or else line ends of this picture would change the next one's axes
  const [text, quiet, page, dot, chosen] = ["--text", "--quiet", "--page", "--dot", "--chosen"].map(
    (name) => colourOf(canvas, name),
  );
  axes(context, quiet, square);
  posterior(context, points, noisy, sigma, quiet);
  const pixels = (/** @type {Point} */ point) => toPixels(canvas, ...point);
  const end = pixels(noisy);
  /** @type {[Point, string, (at: Point, size: number) => void][]} */
  const ends = [
    [network, dot, (at, size) => box(context, at, size)],
    [data, text, (at, size) => disc(context, at, size)],
  ];
  // the exact one's wider and hollow, so that it is seen where the network's lies on it
  arrow(context, pixels(exact), end, chosen, page, 2.5 * LINE);
  for (const [point, colour] of ends) arrow(context, pixels(point), end, colour, page, LINE);
  for (const [point, colour, shape] of ends) {
    for (const [fillStyle, size] of /** @type {[string, number][]} */ ([
      [page, RADIUS + LINE / 2],
      [colour, RADIUS],
    ])) {
      context.fillStyle = fillStyle;
      shape(pixels(point), size);
      context.fill();
    }
  }
  diamond(context, pixels(exact), 1.7 * RADIUS);
  twice(context, chosen, page, LINE);
  ring(context, end, RADIUS, text, page);
  // the handle of the arrow keys
  context.setLineDash([6, 6]);
  ring(context, handle === "data" ? pixels(data) : end, 2 * RADIUS, quiet, page);
  context.setLineDash([]);
  const side = noisy[0] < data[0] ? -1 : 1; // each label away from the arrow
  label(context, "x\u2080", pixels(data), -side, text, page);
  label(context, "x\u209c", end, side, text, page);
  context.restore();
}

/**
 * The training points, stronger the likelier they became x_t: their posterior weight, relative to
 * that of the nearest.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Float64Array} points
 * @param {Point} noisy
 * @param {number} sigma
 * @param {string} colour
 */
function posterior(context, points, [x, y], sigma, colour) {
  const squares = new Float64Array(points.length / 2).map(
    (_, i) => (points[2 * i] - x) ** 2 + (points[2 * i + 1] - y) ** 2,
  );
  const least = squares.reduce((a, b) => Math.min(a, b));
  context.fillStyle = colour;
  squares.forEach((square, i) => {
    context.globalAlpha = FAINT + (1 - FAINT) * Math.exp((least - square) / (2 * sigma ** 2));
    disc(context, toPixels(context.canvas, points[2 * i], points[2 * i + 1]), SMALL);
    context.fill();
  });
  context.globalAlpha = 1;
}
