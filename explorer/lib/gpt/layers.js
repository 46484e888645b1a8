/**
 * The layers of a GPT. Matrices are row-major Float32Arrays; sums are made in float64.
 */

/**
 * @typedef {object} Layer
 * @property {Float32Array} weight (outputs, inputs), or (width,) of a LayerNorm
 * @property {Float32Array} bias (outputs,)
 */

/**
 * x W^T + b.
 *
 * @param {Float32Array} x (T, inputs)
 * @param {Layer} layer
 * @returns {Float32Array} (T, outputs)
 */
export function linear(x, { weight, bias }) {
  const outputs = bias.length;
  const inputs = weight.length / outputs;
  const T = x.length / inputs;
  const y = new Float32Array(T * outputs);
  // Four outputs at a time, because one sum would wait for each of its additions; and all
  // positions for the same rows of W, so that W, larger than the cache, is read only once.
  for (let o = 0; o < outputs; o += 4) {
    const [o1, o2, o3] = [1, 2, 3].map((k) => Math.min(o + k, outputs - 1));
    const [w0, w1, w2, w3] = [o * inputs, o1 * inputs, o2 * inputs, o3 * inputs];
    for (let t = 0; t < T; t++) {
      let s0 = bias[o];
      let s1 = bias[o1];
      let s2 = bias[o2];
      let s3 = bias[o3];
      for (let i = 0; i < inputs; i++) {
        const xi = x[t * inputs + i];
        s0 += xi * weight[w0 + i];
        s1 += xi * weight[w1 + i];
        s2 += xi * weight[w2 + i];
        s3 += xi * weight[w3 + i];
      }
      y[t * outputs + o] = s0;
      y[t * outputs + o1] = s1;
      y[t * outputs + o2] = s2;
      y[t * outputs + o3] = s3;
    }
  }
  return y;
}

/**
 * Each row less its mean and divided by its standard deviation, then scaled and shifted.
 *
 * @param {Float32Array} x (T, width)
 * @param {Layer} layer
 * @returns {Float32Array} (T, width)
 */
export function layerNorm(x, { weight, bias }) {
  const width = bias.length;
  const y = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += width) {
    const row = x.subarray(start, start + width);
    const mean = row.reduce((sum, value) => sum + value, 0) / width;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    const scale = 1 / Math.sqrt(variance + 1e-5);
    for (let i = 0; i < width; i++) y[start + i] = (row[i] - mean) * scale * weight[i] + bias[i];
  }
  return y;
}

/**
 * GPT-2's activation, the tanh form of GELU (Hendrycks and Gimpel 2016).
 *
 * @param {Float32Array} x of any shape
 * @returns {Float32Array}
 */
export function gelu(x) {
  const c = Math.sqrt(2 / Math.PI);
  return x.map((value) => 0.5 * value * (1 + Math.tanh(c * (value + 0.044715 * value ** 3))));
}

/**
 * @param {Float32Array | Float64Array} x (n,) may hold -Infinity
 * @returns {Float64Array} (n,) e^x, divided by its sum
 */
export function softmax(x) {
  const y = new Float64Array(x);
  const max = y.reduce((a, b) => Math.max(a, b));
  let sum = 0;
  for (let i = 0; i < y.length; i++) sum += y[i] = Math.exp(y[i] - max);
  return y.map((value) => value / sum);
}

/**
 * log of the sum of e^x.
 *
 * @param {Float32Array} x (n,)
 * @returns {number}
 */
export function logSumExp(x) {
  const max = x.reduce((a, b) => Math.max(a, b));
  return max + Math.log(x.reduce((sum, value) => sum + Math.exp(value - max), 0));
}
