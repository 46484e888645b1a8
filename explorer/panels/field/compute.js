/**
 * The score fields at one noise level, and the excess at all, in parts short enough for slices.
 *
 * @typedef {import("../../lib/diffusion/load.js").Diffusion} Diffusion
 * @typedef {object} Field
 * @property {Float64Array} network eps (SIDE * SIDE, 2) at the grid's points
 * @property {Float64Array} exact eps* there
 * @property {Float64Array} density (SIDE * SIDE), its mean in each cell
 * @property {Float64Array} excess (SIDE * SIDE), per unit area: density times |eps - eps*|^2 / 2
 * @property {Excess} total
 *
 * @typedef {ReturnType<typeof meanOf>} Excess
 */
import { excessAt, meanOf } from "../../lib/diffusion/excess.js";
import { makeRandom } from "../../lib/random.js";
import { gridPoints } from "../../ui/heat.js";
import { REACH } from "../../ui/plane.js";

export const SIDE = 51; // cells in a row; a multiple of three, as arrows stand in every third
export const DRAWS = 4000; // as many, and as many levels, as in the pipeline
export const LEVELS = 25;
const PART = 150; // points between two yields
const CELL = (2 * REACH) / SIDE;

const POINTS = gridPoints(SIDE);

/**
 * @param {Diffusion} diffusion
 * @param {string} model
 * @param {number | null} label
 */
export function makeFields({ denoisers, truthOf }, model, label) {
  const truth = truthOf(label);
  const random = makeRandom(0);
  const x_0 = truth.sample(DRAWS, random);
  const eps = random.normals(2 * DRAWS); // all levels share it, so that their curve is smooth
  const network = (/** @type {Float64Array} */ x, /** @type {number} */ sigma) =>
    denoisers[model](x, sigma, label);
  const exact = (/** @type {Float64Array} */ x, /** @type {number} */ sigma) =>
    truth.denoiser(x, sigma, label);

  /** Noised data, and its excess. @param {number} sigma */
  function* drawsAt(sigma) {
    const x = x_0.map((value, i) => value + sigma * eps[i]);
    const excess = yield* inParts(x, 1, (part) =>
      excessAt(network(part, sigma), exact(part, sigma)),
    );
    return { x, excess };
  }

  return {
    /**
     * Both at one point.
     *
     * @param {number} x
     * @param {number} y
     * @param {number} sigma
     */
    at(x, y, sigma) {
      const point = Float64Array.of(x, y);
      const [eps, epsExact] = [network(point, sigma), exact(point, sigma)];
      const [logDensity] = truth.logDensity(point, sigma);
      return { eps, epsExact, logDensity, excess: excessAt(eps, epsExact)[0] };
    },

    /** @param {number} sigma @returns {Generator<void, Excess, void>} */
    *excess(sigma) {
      return meanOf((yield* drawsAt(sigma)).excess);
    },

    /** @param {number} sigma @returns {Generator<void, Field, void>} */
    *field(sigma) {
      const onGrid = {
        network: yield* inParts(POINTS, 2, (part) => network(part, sigma)),
        exact: yield* inParts(POINTS, 2, (part) => exact(part, sigma)),
      };
      // by noise of the cell's own variance: small noise would slip through the grid
      const wide = Math.hypot(sigma, CELL / Math.sqrt(12));
      const logDensity = yield* inParts(POINTS, 1, (part) => truth.logDensity(part, wide));
      const density = logDensity.map(Math.exp);
      const draws = yield* drawsAt(sigma);
      const total = meanOf(draws.excess);
      if (sigma < CELL / 2) {
        // most of it is near edges then, at distances of sigma, which the cells' centres miss
        return { ...onGrid, density, excess: perArea(draws.x, draws.excess), total };
      }
      const atCentre = excessAt(onGrid.network, onGrid.exact);
      return { ...onGrid, density, excess: atCentre.map((value, i) => value * density[i]), total };
    },
  };
}

/**
 * The integral of draws' values over each cell of the grid, divided by its area.
 *
 * @param {Float64Array} x (n, 2), where the values are
 * @param {Float64Array} values (n)
 */
function perArea(x, values) {
  const sums = new Float64Array(SIDE ** 2);
  values.forEach((value, i) => {
    const column = Math.floor((x[2 * i] + REACH) / CELL);
    const row = Math.floor((REACH - x[2 * i + 1]) / CELL);
    if (Math.min(column, row) < 0 || Math.max(column, row) >= SIDE) return;
    sums[row * SIDE + column] += value / values.length / CELL ** 2;
  });
  return sums;
}

/**
 * A function of all points, computed part by part.
 *
 * @param {Float64Array} points (n, 2)
 * @param {number} width numbers that it has for each point
 * @param {(part: Float64Array) => Float64Array} of
 * @returns {Generator<void, Float64Array, void>} (n, width)
 */
function* inParts(points, width, of) {
  const values = new Float64Array((points.length / 2) * width);
  for (let i = 0; i < points.length / 2; i += PART) {
    values.set(of(points.subarray(2 * i, 2 * (i + PART))), i * width);
    yield;
  }
  return values;
}
