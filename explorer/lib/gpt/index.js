/**
 * The trained GPT and the n-gram model, from the data that lab/page/gpt.py packed.
 */

import { commonest, replaceEach, silenceEach } from "./ablation.js";
import { decode, encode, makeBPE } from "./bpe.js";
import { logSumExp } from "./layers.js";
import { embed, forward, makeModel, newKVCache } from "./model.js";
import { draw, firstRead, nextProbs } from "./next.js";
import { classBase, distribution, fit } from "./ngram.js";
import { makeVocabulary } from "./vocabulary.js";

/**
 * What `window.lookingGlass.gpt` offers. Arrays that come in and go out are plain.
 *
 * @param {Record<string, any>} data what pack_gpt gave, unpacked: arrays are {shape, data}
 */
export function makeGPT(data) {
  const bpe = makeBPE(data.pieces.data, data.piece_lengths.data);
  const vocabulary = makeVocabulary(data.tokens.data, data.classes.data);
  const model = makeModel(data.config, data.tensors);
  const kvCache = newKVCache(model);
  /** @type {number[]} */
  let read = []; // what `kvCache` has
  let readWithout = ""; // heads that were silenced when it was read
  /** @type {import("./ngram.js").KneserNey | undefined} */
  let kneserNey;

  /** @param {number[]} ids */
  const rows = (ids) => ids.map((id) => vocabulary.row[id]);

  /**
   * @param {number[]} ids
   * @param {number} least
   */
  function check(ids, least) {
    const wrong = ids.find((id) => vocabulary.row[id] === undefined);
    if (wrong !== undefined) throw new RangeError(`${wrong}: not one of GPT-2's token ids`);
    if (ids.length < least) throw new RangeError(`${ids.length} tokens: must be at least ${least}`);
  }

  return {
    /** The model, for forward passes from vectors that are no tokens' embeddings. */
    model,
    /** How many tokens GPT-2 has; ids are from 0. */
    vocabularySize: vocabulary.row.length,

    /** Which row each of GPT-2's tokens has, and how likely it is given its row. */
    vocabulary,

    /**
     * @param {string} text
     * @returns {number[]}
     */
    encode: (text) => encode(bpe, text),

    /**
     * @param {number[]} ids
     * @returns {string}
     */
    decode(ids) {
      check(ids, 0);
      return decode(bpe, ids);
    },

    /**
     * log p(ids[i] | those before it) for i = 1, 2, ..., in nats, over all of GPT-2's tokens.
     *
     * @param {number[]} ids (time,) at most block_size + 1: the last is not read
     * @param {object} [options]
     * @param {number[][]} [options.silenced] pairs (block, head) of heads that add nothing
     * @returns {number[]} (time - 1,)
     * @throws {RangeError} for fewer than two ids, or too many
     */
    logProbs(ids, { silenced } = {}) {
      check(ids, 2);
      const V = model.head.bias.length;
      const { logits } = forward(model, embed(model, rows(ids.slice(0, -1))), { silenced });
      return ids.slice(1).map((id, t) => {
        const ofRows = logits.subarray(t * V, (t + 1) * V);
        return ofRows[vocabulary.row[id]] - logSumExp(ofRows) + vocabulary.logPrior[id];
      });
    },

    /**
     * The distribution of the token after `ids`.
     *
     * Like `generate` in Python, it reads the last part of a text with more than block_size tokens.
     * Keys and values of what a text shares with the one before it are not computed again.
     *
     * @param {number[]} ids at least one
     * @param {{temperature?: number, topK?: number | null, silenced?: number[][]}} [options]
     * @returns {number[]} (vocabulary,)
     */
    next(ids, { silenced = [], ...options } = {}) {
      check(ids, 1);
      const context = ids.slice(firstRead(ids.length, model.block_size));
      if (readWithout !== String(silenced)) [read, readWithout] = [[], String(silenced)];
      let shared = 0;
      while (shared < context.length - 1 && context[shared] === read[shared]) shared++;
      [kvCache.time, read] = [shared, context];
      const x = embed(model, rows(context.slice(shared)));
      const { logits } = forward(model, x, { kvCache, silenced, last: 1 });
      return Array.from(nextProbs(logits, vocabulary, options));
    },

    draw,

    /**
     * Scores and weights of one block, each (heads, time, time); row t chose token t + 1.
     *
     * @param {number[]} ids (time,) at most block_size
     * @param {number} block counted from 0, or from the end if negative
     * @param {{silenced?: number[][]}} [options]
     */
    attention(ids, block, { silenced } = {}) {
      check(ids, 1);
      const { attentions } = forward(model, embed(model, rows(ids)), { silenced, last: 1 });
      const attention = attentions.at(block);
      if (!attention) throw new RangeError(`block ${block}: there are ${model.blocks.length}`);
      const shape = [model.n_head, ids.length, ids.length];
      return {
        scores: nest(attention.scores, shape),
        weights: nest(attention.weights, shape),
      };
    },

    /**
     * The last token's log-probability with each token before it replaced by the commonest ones of
     * the training text, place by place; null where the next place takes more time.
     *
     * @param {number[]} ids at least two
     * @param {{replacements: number, silenced?: number[][]}} options
     */
    replaceEach(ids, { replacements, silenced = [] }) {
      check(ids, 2);
      const others = commonest(data.training.data, replacements);
      return replaceEach({ model, vocabulary, silenced }, ids, others);
    },

    /**
     * How silencing each head changes the last token's log-probability, head by head.
     *
     * @param {number[]} ids at least two
     * @param {{silenced?: number[][]}} [options] heads that are silenced already
     */
    silenceEach(ids, { silenced = [] } = {}) {
      check(ids, 2);
      return silenceEach({ model, vocabulary, silenced }, ids);
    },

    /**
     * The distribution of the token after `ids` by the n-gram model, fitted when first asked.
     *
     * @param {number[]} ids
     * @returns {number[]} (vocabulary,)
     */
    ngram(ids) {
      check(ids, 0);
      const training = data.training.data;
      kneserNey ??= fit(training, data.order, classBase(training, data.classes.data));
      return Array.from(distribution(kneserNey, ids));
    },
  };
}

/**
 * A flat array as nested plain arrays.
 *
 * @param {Float32Array} flat
 * @param {number[]} shape
 * @returns {any}
 */
function nest(flat, [length, ...inner]) {
  if (!inner.length) return Array.from(flat);
  const size = flat.length / length;
  return Array.from({ length }, (_, i) => nest(flat.subarray(i * size, (i + 1) * size), inner));
}
