/**
 * Causal self-attention: each position attends to itself and to those before it.
 */

import { linear, softmax } from "./layers.js";

/**
 * Scores and weights of one block's heads, each (heads, T, S): T new positions, S so far.
 *
 * @typedef {object} Attention
 * @property {Float32Array} scores q k^T / sqrt(d), before the softmax; -Infinity for later positions
 * @property {Float32Array} weights after the softmax: each row sums to 1, and is 0 there
 */

/**
 * One block's keys and values, each (block_size, C); how many rows are filled is the model's
 * KVCache's `time`.
 *
 * @typedef {object} KeysAndValues
 * @property {Float32Array} keys
 * @property {Float32Array} values
 */

/**
 * Softmax(q k^T / sqrt(d)) v for each head, and the heads' outputs projected.
 *
 * @param {Float32Array} x (T, C) the new positions
 * @param {{qkv: import("./layers.js").Layer, proj: import("./layers.js").Layer}} attn
 * @param {KeysAndValues} cache gets those of the new positions
 * @param {object} options
 * @param {number} options.start position of the first new one: how many the cache has
 * @param {number} options.n_head
 * @param {number[]} options.silenced heads whose output is 0
 * @returns {{x: Float32Array, attention: Attention}} x is (T, C)
 */
export function selfAttention(x, attn, { keys, values }, { start, n_head, silenced }) {
  const C = attn.proj.bias.length;
  const d = C / n_head;
  const T = x.length / C;
  const S = start + T;
  const qkv = linear(x, attn.qkv);
  for (let t = 0; t < T; t++) {
    const k = (3 * t + 1) * C;
    keys.set(qkv.subarray(k, k + C), (start + t) * C);
    values.set(qkv.subarray(k + C, k + 2 * C), (start + t) * C);
  }
  const scores = new Float32Array(n_head * T * S).fill(-Infinity);
  const weights = new Float32Array(n_head * T * S);
  const y = new Float32Array(T * C);
  for (let head = 0; head < n_head; head++) {
    for (let t = 0; t < T; t++) {
      const row = (head * T + t) * S;
      const q = 3 * t * C + head * d;
      for (let s = 0; s <= start + t; s++) {
        const k = s * C + head * d;
        let sum = 0;
        for (let i = 0; i < d; i++) sum += qkv[q + i] * keys[k + i];
        scores[row + s] = sum / Math.sqrt(d);
      }
      weights.set(softmax(scores.subarray(row, row + S)), row);
      if (silenced.includes(head)) continue;
      for (let s = 0; s <= start + t; s++) {
        const weight = weights[row + s];
        for (let i = head * d; i < (head + 1) * d; i++) y[t * C + i] += weight * values[s * C + i];
      }
    }
  }
  return { x: linear(y, attn.proj), attention: { scores, weights } };
}
