/**
 * The exact truth for points uniform in a box (lookingglass/diffusion/truth.py).
 *
 * @typedef {import("./denoiser.js").Truth} Truth
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
    sample: (n, random) =>
      Float64Array.from({ length: 2 * n }, (_, i) => {
        return low[i % 2] + (high[i % 2] - low[i % 2]) * random.uniform();
      }),
    mean: [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2],
    variance: [(high[0] - low[0]) ** 2 / 12, (high[1] - low[1]) ** 2 / 12],
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
