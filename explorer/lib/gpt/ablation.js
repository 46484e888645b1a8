/**
 * What the log-probability of a text's last token depends on: tokens are replaced, and heads
 * silenced, one at a time. Attention says where a block attended, not what effect that had.
 */
import { logSumExp } from "./layers.js";
import { embed, forward, newKVCache } from "./model.js";

/**
 * @typedef {object} Scorer
 * @property {import("./model.js").Model} model
 * @property {import("./vocabulary.js").Vocabulary} vocabulary
 * @property {number[][]} silenced pairs (block, head), in all that is computed
 */

/**
 * The commonest tokens of a text, and how often each occurs.
 *
 * @param {Iterable<number>} text
 * @param {number} count
 * @returns {[number, number][]} pairs (id, occurrences), the commonest first
 */
export function commonest(text, count) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const id of text) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a - b).slice(0, count);
}

/**
 * The last token's log-probability with the token at each place before it replaced by others, as
 * `replace_each` of lookingglass/gpt/ablation.py: the logarithm of a mean probability, weighted by
 * how often each of the others occurs, without the replaced token and the last one, which would
 * give the answer away. From the last place to the first: the nearest are the fastest.
 *
 * @param {Scorer} scorer
 * @param {number[]} ids
 * @param {[number, number][]} others as `commonest` gives
 * @returns {Generator<{ place: number, logProb: number } | null, void, void>} null after each of a
 *   place's forward passes but the last
 */
export function* replaceEach(scorer, ids, others) {
  const kvCache = newKVCache(scorer.model);
  lastLogProb(scorer, ids, kvCache);
  for (let place = ids.length - 2; place >= 0; place--) {
    let [sum, total] = [0, 0];
    for (const [other, occurrences] of others) {
      if (other === ids[place] || other === ids[ids.length - 1]) continue;
      if (total) yield null;
      kvCache.time = place; // what is before it is the same as in the text
      const p = Math.exp(lastLogProb(scorer, ids.with(place, other), kvCache));
      sum += occurrences * p;
      total += occurrences;
    }
    yield { place, logProb: Math.log(sum / total) };
  }
}

/**
 * How silencing each head changes the last token's log-probability, in nats, with all others as
 * they are; of a head that is silenced already, how it has changed it.
 *
 * @param {Scorer} scorer
 * @param {number[]} ids
 * @returns {Generator<{ block: number, head: number, change: number }, void, void>}
 */
export function* silenceEach(scorer, ids) {
  const { model, silenced } = scorer;
  const logProb = lastLogProb(scorer, ids);
  for (let block = 0; block < model.blocks.length; block++) {
    for (let head = 0; head < model.n_head; head++) {
      const others = silenced.filter(([b, h]) => b !== block || h !== head);
      const silent = others.length < silenced.length;
      const changed = silent ? others : [...silenced, [block, head]];
      const difference = lastLogProb({ ...scorer, silenced: changed }, ids) - logProb;
      yield { block, head, change: silent ? -difference : difference };
    }
  }
}

/**
 * log p of the last token given all before it.
 *
 * @param {Scorer} scorer
 * @param {number[]} ids
 * @param {import("./model.js").KVCache} [kvCache] has read the first ones
 */
export function lastLogProb({ model, vocabulary, silenced }, ids, kvCache) {
  const { row, logPrior } = vocabulary;
  const read = ids.slice(kvCache?.time ?? 0, -1).map((id) => row[id]);
  const { logits } = forward(model, embed(model, read), { kvCache, silenced, last: 1 });
  const id = ids[ids.length - 1];
  return logits[row[id]] - logSumExp(logits) + logPrior[id];
}
