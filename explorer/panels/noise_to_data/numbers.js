/**
 * What the panel measures of samples (n, 2). Points that are not yet computed, NaN, are left out.
 */

/** @param {Float64Array} x */
export function isComplete(x) {
  return !x.some(Number.isNaN);
}

/** The fraction of points in the square [-1, 1]^2. @param {Float64Array} x */
export function fractionInside(x) {
  let [inside, count] = [0, 0];
  for (let i = 0; i < x.length; i += 2) {
    if (Number.isNaN(x[i])) continue;
    count += 1;
    if (Math.abs(x[i]) <= 1 && Math.abs(x[i + 1]) <= 1) inside += 1;
  }
  return inside / count;
}

/** The standard deviation of all coordinates, as in the pipeline. @param {Float64Array} x */
export function standardDeviation(x) {
  const known = x.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (known.length - 1));
}

/**
 * The root of the mean squared distance of points.
 *
 * @param {Float64Array} x
 * @param {Float64Array} y not longer
 */
export function rmse(x, y) {
  let [squares, count] = [0, 0];
  for (let i = 0; i < y.length; i += 2) {
    const square = (x[i] - y[i]) ** 2 + (x[i + 1] - y[i + 1]) ** 2;
    if (Number.isNaN(square)) continue;
    squares += square;
    count += 1;
  }
  return Math.sqrt(squares / count);
}
