/**
 * The distribution of the next token, and drawing from it.
 */

import { softmax } from "./layers.js";

/**
 * Probability of each of GPT-2's tokens to come next: p^(1 / temperature), normalised.
 *
 * Only the `topK` likeliest can come. Temperature 0 is the limit: the likeliest is certain.
 *
 * @param {Float32Array} logits (V,) over rows
 * @param {import("./vocabulary.js").Vocabulary} vocabulary
 * @param {object} [options]
 * @param {number} [options.temperature]
 * @param {number | null} [options.topK] null: all
 * @returns {Float64Array} (vocabulary,)
 * @throws {RangeError} for a temperature below 0, or a topK below 1
 */
export function nextProbs(logits, { row, logPrior }, { temperature = 1, topK = null } = {}) {
  if (!(temperature >= 0)) {
    throw new RangeError(`temperature = ${temperature}: must be at least 0`);
  }
  if (topK !== null && !(topK >= 1)) {
    throw new RangeError(`topK = ${topK}: must be at least 1`);
  }
  if (temperature === 0) [temperature, topK] = [1, 1];
  const all = new Float64Array(row.length);
  for (let id = 0; id < row.length; id++) all[id] = logits[row[id]] + logPrior[id];
  const logP = topK !== null && topK < all.length ? keepLargest(all, topK) : all;
  // less the greatest, so that a tiny temperature leaves the likeliest at 0
  const max = logP.reduce((a, b) => Math.max(a, b));
  return softmax(logP.map((value) => (value - max) / temperature));
}

/**
 * Where the part of a text starts that the model reads: whenever all positions are used, it reads
 * the last block_size / 2 tokens anew and continues from there.
 *
 * @param {number} time
 * @param {number} block_size
 * @returns {number}
 */
export function firstRead(time, block_size) {
  const step = block_size + 1 - Math.floor(block_size / 2);
  return Math.max(0, Math.ceil((time - block_size) / step)) * step;
}

/**
 * The token that a uniform number picks: the first at which the cumulative distribution exceeds it.
 *
 * @param {ArrayLike<number>} probs (vocabulary,)
 * @param {number} u from 0 to below 1
 * @returns {number} the token's id
 */
export function draw(probs, u) {
  const upTo = new Float64Array(probs.length);
  let sum = 0;
  for (let id = 0; id < probs.length; id++) upTo[id] = sum += probs[id];
  return upTo.findIndex((value) => value > u * sum);
}

/**
 * All but the k largest numbers replaced by -Infinity; of equal ones, the first are kept.
 *
 * @param {Float64Array} values
 * @param {number} k
 * @returns {Float64Array}
 */
function keepLargest(values, k) {
  const least = values.slice().sort()[values.length - k];
  let ties = k - values.filter((value) => value > least).length;
  return values.map((value) =>
    value > least || (value === least && ties-- > 0) ? value : -Infinity,
  );
}
