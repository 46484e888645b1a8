/**
 * An inversion that was recorded: what the model says for its vectors, and for their nearest tokens.
 *
 * As in lookingglass/gpt/inversion.py, output i is compared with token i of the sentence.
 */
import { logSumExp } from "./layers.js";
import { embed, forward } from "./model.js";
import { makeNearest, representatives } from "./nearest.js";
import { makeOutput } from "./output.js";

/**
 * @typedef {ReturnType<typeof import("./index.js").makeGPT>} GPT
 * @typedef {ReturnType<typeof makeInversion>} Inversion
 * @typedef {import("./output.js").Output} Output
 */

/**
 * @typedef {object} State
 * @property {number} step of Adam, after which the vectors are these
 * @property {Output} vectors
 * @property {{ ids: number[], values: number[], output: Output }} cosine the tokens with the
 *   greatest cosine similarity, and what the model says for them
 * @property {{ ids: number[], values: number[], output: Output }} distance those at the least
 *   distance
 */

/**
 * @param {GPT} gpt
 * @param {Record<string, any>} data what pack_inversion gave, unpacked: arrays are {shape, data}
 */
export function makeInversion({ model, vocabulary }, data) {
  const { row, logPrior } = vocabulary;
  const size = model.n_embd;
  const ids = /** @type {number[]} */ (Array.from(data.ids.data));
  const steps = /** @type {number[]} */ (Array.from(data.steps.data));
  const tokens = representatives(vocabulary, model.head.bias.length);
  const nearest = makeNearest(model, tokens);
  const outputOf = makeOutput(model, vocabulary, tokens, ids);
  /** @type {State[]} */
  const known = [];
  /** @type {Map<string, Output>} */
  const outputs = new Map(); // by tokens

  /** @param {number} i of the recorded iterations */
  function vectorsAt(i) {
    const length = ids.length * size;
    return data.vectors.data.subarray(i * length, (i + 1) * length);
  }

  /**
   * With what the model says for tokens, which many iterations share.
   *
   * @param {{ ids: number[], values: number[] }} found
   */
  function withOutput(found) {
    const key = String(found.ids);
    const rows = found.ids.map((id) => row[id]);
    const output = outputs.get(key) ?? outputOf(embed(model, rows));
    outputs.set(key, output);
    return { ...found, output };
  }

  /**
   * Computes a state, if it is not known yet, in parts short enough for the background.
   *
   * @param {number} i
   * @returns {Generator<void, void, void>}
   */
  function* read(i) {
    if (known[i]) return;
    const x = vectorsAt(i);
    const { cosine, distance } = nearest.firsts(x);
    yield;
    const vectors = outputOf(x);
    yield;
    const near = withOutput(cosine);
    yield;
    known[i] = { step: steps[i], vectors, cosine: near, distance: withOutput(distance) };
  }

  return {
    /** The sentence. */
    ids,
    /** The recorded iterations: how many steps of Adam had been taken. */
    steps,
    /** Which of the restarts was recorded, counted from 0. */
    restart: /** @type {number} */ (data.restart),

    /**
     * @param {number} i of the recorded iterations, counted from 0
     * @returns {State} computed when first asked
     */
    at(i) {
      for (const _ of read(i));
      return known[i];
    },

    read,

    /**
     * The tokens that are likeliest at one position, those nearest to its vector, and how near the
     * sentence's own is.
     *
     * @param {number} i of the recorded iterations
     * @param {number} position
     * @param {"cosine" | "distance"} by
     * @param {number} count
     */
    around(i, position, by, count) {
      const vectors = vectorsAt(i);
      const end = (position + 1) * size;
      const { logits } = forward(model, vectors.subarray(0, end), { last: 1 }); // it is causal
      const logP = Array.from(row, (r, id) => logits[r] + logPrior[id]);
      const total = logSumExp(logits);
      const likeliest = largest(logP, count);
      const near = nearest.all(vectors.subarray(position * size, end))[by];
      const sign = by === "cosine" ? 1 : -1;
      const rows = largest(
        Array.from(near, (value) => sign * value),
        count,
      );
      return {
        likeliest: likeliest.map((id) => ({ id, value: Math.exp(logP[id] - total) })),
        nearest: rows.map((r) => ({ id: tokens.ids[r], value: near[r] })),
        wanted: near[row[ids[position]]],
      };
    },
  };
}

/**
 * Where the largest values are, the largest first.
 *
 * @param {number[]} values
 * @param {number} count
 */
function largest(values, count) {
  /** @type {number[]} */
  const top = [];
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    if (top.length === count && value <= values[top[count - 1]]) return;
    const place = top.findIndex((other) => values[other] < value);
    top.splice(place < 0 ? top.length : place, 0, i);
    top.length = Math.min(top.length, count);
  });
  return top;
}
