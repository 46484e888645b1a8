/**
 * What the model says for an input, compared with a sentence: output i with token i.
 *
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./vocabulary.js").Vocabulary} Vocabulary
 */
import { logSumExp } from "./layers.js";
import { forward } from "./model.js";

/**
 * Arrays have an entry for each position.
 *
 * @typedef {object} Output
 * @property {number[]} ids the likeliest of all of GPT-2's tokens
 * @property {number[]} probs their probabilities
 * @property {number[]} logProbs of the sentence's tokens, in nats
 * @property {number} matches how many of the ids are the sentence's
 * @property {number} loss in nats per token
 */

/**
 * @param {Model} model
 * @param {Vocabulary} vocabulary
 * @param {{ ids: Int32Array, logPrior: Float32Array }} tokens the likeliest of each row
 * @param {number[]} ids (time,) the sentence
 * @returns {(x: Float32Array) => Output} of vectors (time, C)
 */
export function makeOutput(model, { row, logPrior }, tokens, ids) {
  const V = model.head.bias.length;
  return (x) => {
    const { logits } = forward(model, x);
    const positions = ids.map((wanted, t) => {
      const ofRows = logits.subarray(t * V, (t + 1) * V);
      const total = logSumExp(ofRows);
      const value = (/** @type {number} */ r) => ofRows[r] + tokens.logPrior[r];
      let best = 0;
      for (let r = 1; r < V; r++) if (value(r) > value(best)) best = r;
      const logProb = ofRows[row[wanted]] + logPrior[wanted] - total;
      return { id: tokens.ids[best], prob: Math.exp(value(best) - total), logProb };
    });
    const logProbs = positions.map(({ logProb }) => logProb);
    return {
      ids: positions.map(({ id }) => id),
      probs: positions.map(({ prob }) => prob),
      logProbs,
      matches: positions.filter(({ id }, t) => id === ids[t]).length,
      loss: -logProbs.reduce((a, b) => a + b, 0) / ids.length,
    };
  };
}
