/**
 * Fully connected layers and activations on flat, row-major Float64Arrays.
 *
 * The weights are float32; computing in float64 is as fast in JavaScript and exact enough for the
 * divergence by differences.
 *
 * @typedef {import("../arrays.js").Tensor} Tensor
 * @typedef {object} Layer
 * @property {Float64Array} weight (sizeOut, sizeIn)
 * @property {Float64Array} bias (sizeOut)
 * @property {number} sizeIn
 * @property {number} sizeOut
 */

/**
 * @param {Tensor} weight (sizeOut, sizeIn)
 * @param {Tensor} bias (sizeOut)
 * @returns {Layer}
 */
export function makeLayer(weight, bias) {
  const [sizeOut, sizeIn] = weight.shape;
  return {
    weight: Float64Array.from(weight.data),
    bias: Float64Array.from(bias.data),
    sizeIn,
    sizeOut,
  };
}

/**
 * x W^T + b.
 *
 * @param {Layer} layer
 * @param {Float64Array} x (n, sizeIn)
 * @returns {Float64Array} (n, sizeOut)
 */
export function linear({ weight, bias, sizeIn, sizeOut }, x) {
  const n = x.length / sizeIn;
  const y = new Float64Array(n * sizeOut);
  const whole = sizeOut - (sizeOut % 4);
  for (let i = 0; i < n; i++) {
    const row = i * sizeIn;
    // four outputs at a time: each x is loaded once for all of them, twice as fast
    for (let j = 0; j < whole; j += 4) {
      const [w0, w1, w2, w3] = [j * sizeIn, (j + 1) * sizeIn, (j + 2) * sizeIn, (j + 3) * sizeIn];
      let [y0, y1, y2, y3] = [bias[j], bias[j + 1], bias[j + 2], bias[j + 3]];
      for (let k = 0; k < sizeIn; k++) {
        const value = x[row + k];
        y0 += weight[w0 + k] * value;
        y1 += weight[w1 + k] * value;
        y2 += weight[w2 + k] * value;
        y3 += weight[w3 + k] * value;
      }
      const out = i * sizeOut + j;
      y[out] = y0;
      y[out + 1] = y1;
      y[out + 2] = y2;
      y[out + 3] = y3;
    }
    for (let j = whole; j < sizeOut; j++) {
      let sum = bias[j];
      for (let k = 0; k < sizeIn; k++) sum += weight[j * sizeIn + k] * x[row + k];
      y[i * sizeOut + j] = sum;
    }
  }
  return y;
}

/**
 * x where positive, else x / 100; in place.
 *
 * @param {Float64Array} x
 */
export function leakyRelu(x) {
  for (let i = 0; i < x.length; i++) x[i] = Math.max(x[i], 0.01 * x[i]);
  return x;
}

/**
 * x times the logistic function of x; in place.
 *
 * @param {Float64Array} x
 */
export function silu(x) {
  for (let i = 0; i < x.length; i++) x[i] /= 1 + Math.exp(-x[i]);
  return x;
}
