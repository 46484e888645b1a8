/**
 * Noise schedules: how much noise there is at time t in [0, 1] (lookingglass/diffusion/schedule.py).
 *
 * @typedef {object} Schedule
 * @property {(t: number) => number} sigma standard deviation of the noise at time t
 * @property {(t: number) => number} sigmaDot its time derivative
 * @property {(sigma: number) => number} timeOf the inverse of sigma
 */

/**
 * sigma(t) = exp(rate (t - 1)), the exercise's schedule (section 2.2).
 *
 * @param {number} rate
 * @returns {Schedule}
 */
export function exponentialSchedule(rate) {
  return {
    sigma: (t) => Math.exp(rate * (t - 1)),
    sigmaDot: (t) => rate * Math.exp(rate * (t - 1)),
    timeOf: (sigma) => 1 + Math.log(sigma) / rate,
  };
}

/**
 * Equal steps in sigma^(1/rho) from low to high (Karras et al. 2022, arXiv 2206.00364, equation 5).
 *
 * @param {number} low sigma(0)
 * @param {number} high sigma(1)
 * @param {number} rho
 * @returns {Schedule}
 */
export function karrasSchedule(low, high, rho = 7) {
  const start = low ** (1 / rho);
  const length = high ** (1 / rho) - start;
  return {
    sigma: (t) => (start + t * length) ** rho,
    sigmaDot: (t) => rho * length * (start + t * length) ** (rho - 1),
    timeOf: (sigma) => (sigma ** (1 / rho) - start) / length,
  };
}

/**
 * Equal steps in the angle atan(sigma) from low to high (Nichol and Dhariwal 2021, arXiv
 * 2102.09672, equation 17, without its offset).
 *
 * @param {number} low sigma(0)
 * @param {number} high sigma(1)
 * @returns {Schedule}
 */
export function cosineSchedule(low, high) {
  const start = Math.atan(low);
  const length = Math.atan(high) - start;
  return {
    sigma: (t) => Math.tan(start + t * length),
    sigmaDot: (t) => length * (1 + Math.tan(start + t * length) ** 2),
    timeOf: (sigma) => (Math.atan(sigma) - start) / length,
  };
}

/**
 * The schedule that the networks were trained with, and others with the same ends.
 *
 * @param {number} rate of the exponential schedule
 * @returns {Record<string, Schedule>}
 */
export function allSchedules(rate) {
  const exponential = exponentialSchedule(rate);
  const [low, high] = [exponential.sigma(0), exponential.sigma(1)];
  return {
    exponential,
    karras: karrasSchedule(low, high),
    cosine: cosineSchedule(low, high),
    linear: karrasSchedule(low, high, 1),
  };
}

/**
 * 1, 1 - 1/T, ..., 0 for T = steps: the times of Algorithm 1.
 *
 * @param {number} steps
 * @returns {number[]}
 */
export function uniformTimes(steps) {
  return Array.from({ length: steps + 1 }, (_, i) => 1 - i / steps);
}
