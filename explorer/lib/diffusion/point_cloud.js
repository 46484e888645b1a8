/**
 * The exact truth for a finite set of points (lookingglass/diffusion/truth.py).
 *
 * @typedef {import("./denoiser.js").Truth} Truth
 */
import { levelOf } from "./denoiser.js";

const NEGLIGIBLE = -40; // e to this, 4e-18, changes no sum to which 1 belongs

/**
 * Equal mass on each of the points: a mixture of Gaussians once there is noise.
 *
 * @param {Float64Array} points (m, 2)
 * @returns {Truth}
 */
export function pointCloud(points) {
  const m = points.length / 2;
  const squares = new Float64Array(m); // distances from the point that `posterior` was last given
  const { mean, variance } = moments(points);
  const x_0 = new Float64Array(2); // E[x_0 | x] of the point that `posterior` was last given

  /** Sets x_0; returns log sum_j exp(-|x - point_j|^2 / (2 sigma^2)). */
  const posterior = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ s) => {
    let nearest = Infinity;
    for (let j = 0; j < m; j++) {
      squares[j] = (x - points[2 * j]) ** 2 + (y - points[2 * j + 1]) ** 2;
      if (squares[j] < nearest) nearest = squares[j];
    }
    let [total, sumX, sumY] = [0, 0, 0];
    for (let j = 0; j < m; j++) {
      const logit = (nearest - squares[j]) / (2 * s * s); // 0 for the nearest: no underflow
      if (logit < NEGLIGIBLE) continue; // with little noise, that is most of them
      const weight = Math.exp(logit);
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
    sample: (n, random) => {
      const x = new Float64Array(2 * n);
      for (let i = 0; i < n; i++) {
        const j = Math.floor(m * random.uniform()); // with replacement
        x.set(points.subarray(2 * j, 2 * j + 2), 2 * i);
      }
      return x;
    },
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
