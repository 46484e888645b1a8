/**
 * The layers of a GPT. Matrices are row-major Float32Arrays; sums are made in float64.
 */

/**
 * @typedef {object} Layer
 * @property {Float32Array} weight (outputs, inputs), or (width,) of a LayerNorm
 * @property {Float32Array} bias (outputs,)
 */

/**
 * Sum of a[i + k] b[j + k] for k = 0, ..., n - 1.
 *
 * @param {Float32Array} a
 * @param {number} i
 * @param {Float32Array} b
 * @param {number} j
 * @param {number} n
 * @returns {number}
 */
export function dot(a, i, b, j, n) {
    // four sums, because each addition would otherwise wait for the one before it
    let [s0, s1, s2, s3, k] = [0, 0, 0, 0, 0];
    for (; k + 3 < n; k += 4) {
        s0 += a[i + k] * b[j + k];
        s1 += a[i + k + 1] * b[j + k + 1];
        s2 += a[i + k + 2] * b[j + k + 2];
        s3 += a[i + k + 3] * b[j + k + 3];
    }
    for (; k < n; k++) s0 += a[i + k] * b[j + k];
    return s0 + s1 + (s2 + s3);
}

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
    // all positions for one row of W, so that W, larger than the cache, is read only once
    for (let o = 0; o < outputs; o++) {
        for (let t = 0; t < T; t++) {
            y[t * outputs + o] = bias[o] + dot(x, t * inputs, weight, o * inputs, inputs);
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
        for (let i = 0; i < width; i++)
            y[start + i] = (row[i] - mean) * scale * weight[i] + bias[i];
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
