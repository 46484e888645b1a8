/**
 * The exact truth for points uniform in a box, or for a finite set of points
 * (lookingglass/diffusion/truth.py).
 *
 * @typedef {import("./denoiser.js").Denoiser} Denoiser
 * @typedef {import("./denoiser.js").Sigma} Sigma
 * @typedef {object} Truth
 * @property {Denoiser} denoiser eps* = E[eps | x]
 * @property {(x: Float64Array, sigma: Sigma) => Float64Array} logDensity log p(x; sigma), in nats,
 *   (n, 2) to (n)
 * @property {[number, number]} mean of each coordinate
 * @property {[number, number]} variance of each coordinate
 */
import { levelOf } from "./denoiser.js";
import { erf, erfcx } from "./erf.js";

/**
 * Uniform in the axis-aligned box between two corners: a product of truncated Gaussians.
 *
 * @param {number[]} low left and bottom
 * @param {number[]} high right and top
 * @returns {Truth}
 */
export function uniformBox(low, high) {
  return {
    denoiser: (x, sigma) =>
      x.map((value, i) => boxEps(value, levelOf(sigma, i >> 1), low[i % 2], high[i % 2])),
    logDensity: (x, sigma) =>
      new Float64Array(x.length / 2).map((_, i) => {
        const level = levelOf(sigma, i);
        const horizontal = boxLogDensity(x[2 * i], level, low[0], high[0]);
        return horizontal + boxLogDensity(x[2 * i + 1], level, low[1], high[1]);
      }),
    mean: [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2],
    variance: [(high[0] - low[0]) ** 2 / 12, (high[1] - low[1]) ** 2 / 12],
  };
}

/**
 * Equal mass on each of the points: a mixture of Gaussians once there is noise.
 *
 * @param {Float64Array} points (m, 2)
 * @returns {Truth}
 */
export function pointCloud(points) {
  const m = points.length / 2;
  const { mean, variance } = moments(points);
  const x_0 = new Float64Array(2); // E[x_0 | x] of the point that `posterior` was last given

  /** Sets x_0; returns log sum_j exp(-|x - point_j|^2 / (2 sigma^2)). */
  const posterior = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ s) => {
    let nearest = Infinity;
    for (let j = 0; j < m; j++) {
      nearest = Math.min(nearest, (x - points[2 * j]) ** 2 + (y - points[2 * j + 1]) ** 2);
    }
    let [total, sumX, sumY] = [0, 0, 0];
    for (let j = 0; j < m; j++) {
      const square = (x - points[2 * j]) ** 2 + (y - points[2 * j + 1]) ** 2;
      const weight = Math.exp((nearest - square) / (2 * s * s)); // 1 for the nearest: no underflow
      total += weight;
      sumX += weight * points[2 * j];
      sumY += weight * points[2 * j + 1];
    }
    x_0.set([sumX / total, sumY / total]);
    return Math.log(total) - nearest / (2 * s * s);
  };

  return {
    denoiser: (x, sigma) => {
      const eps = new Float64Array(x.length);
      for (let i = 0; i < x.length; i += 2) {
        const level = levelOf(sigma, i >> 1);
        posterior(x[i], x[i + 1], level);
        eps.set([(x[i] - x_0[0]) / level, (x[i + 1] - x_0[1]) / level], i);
      }
      return eps;
    },
    logDensity: (x, sigma) =>
      new Float64Array(x.length / 2).map((_, i) => {
        const level = levelOf(sigma, i);
        const mass = posterior(x[2 * i], x[2 * i + 1], level);
        return mass - Math.log(2 * Math.PI * m * level ** 2);
      }),
    mean,
    variance,
  };
}

/**
 * The mean and the variance of each coordinate, without Bessel's correction.
 *
 * @param {Float64Array} points (m, 2)
 * @returns {{ mean: [number, number], variance: [number, number] }}
 */
function moments(points) {
  const average = (/** @type {number} */ axis, /** @type {(value: number) => number} */ of) => {
    let sum = 0;
    for (let i = axis; i < points.length; i += 2) sum += of(points[i]);
    return sum / (points.length / 2);
  };
  const [x, y] = [average(0, (value) => value), average(1, (value) => value)];
  return {
    mean: [x, y],
    variance: [average(0, (value) => (value - x) ** 2), average(1, (value) => (value - y) ** 2)],
  };
}

/**
 * Distances from x to a box's edges in units of sqrt(2) sigma, x mirrored to the right half: to the
 * nearer edge (negative outside), and to the other one; then exp(near^2 - far^2) - 1.
 *
 * @type {(x: number, sigma: number, low: number, high: number) => [number, number, number]}
 */
function edges(x, sigma, low, high) {
  const half = (high - low) / 2;
  const distance = Math.abs(x - (low + high) / 2);
  const scale = Math.SQRT1_2 / sigma;
  const decay = Math.expm1(-4 * half * distance * scale ** 2);
  return [(half - distance) * scale, (half + distance) * scale, decay];
}

/**
 * erf(near) + erf(far), for near <= 0 times exp(near^2): the mass alone would underflow outside.
 *
 * @param {number} near
 * @param {number} far
 * @param {number} decay
 */
function scaledMass(near, far, decay) {
  if (near > 0) return erf(near) + erf(far);
  return erfcx(-near) - (1 + decay) * erfcx(far);
}

/** eps* of one coordinate. @type {(x: number, s: number, low: number, high: number) => number} */
function boxEps(x, sigma, low, high) {
  const [near, far, decay] = edges(x, sigma, low, high);
  const peak = near > 0 ? Math.exp(-(near ** 2)) : 1;
  const eps = (-decay * peak * Math.sqrt(2 / Math.PI)) / scaledMass(near, far, decay);
  return x < (low + high) / 2 ? -eps : eps;
}

/** Of one coordinate. @type {(x: number, s: number, low: number, high: number) => number} */
function boxLogDensity(x, sigma, low, high) {
  const [near, far, decay] = edges(x, sigma, low, high);
  const logMass = Math.log(scaledMass(near, far, decay)) - (near > 0 ? 0 : near ** 2);
  return logMass - Math.log(2 * (high - low));
}
