/**
 * An n-gram model, the GPT's baseline: interpolated modified Kneser-Ney.
 *
 * Chen and Goodman 1998, "An Empirical Study of Smoothing Techniques for Language Modeling"
 * (TR-10-98, Harvard), section 3; lookingglass/gpt/ngram.py explains the formulas. The key of an
 * n-gram h w is (index of h among the n-grams one shorter) * vocabulary size + w.
 */

import { find, firstFrom, unique } from "./sorted.js";
import { prior } from "./vocabulary.js";

const FALLBACK = [0.5, 1.0, 1.5]; // KenLM's discounts (Heafield et al. 2013) where counts give none

/**
 * The n-grams of one length.
 *
 * @typedef {object} Level
 * @property {Float64Array} keys (grams,) ascending
 * @property {Float64Array} share (grams,) what the discount leaves of each count, divided by c(h)
 * @property {Float64Array} passed (contexts,) gamma(h), the probability that is passed down
 */

/**
 * @typedef {object} KneserNey
 * @property {Float64Array} base (vocabulary,) probabilities below the lowest order
 * @property {Level[]} levels n-grams of length 1, 2, ..., order
 */

/**
 * p(w | context) for each token w. Only the last order - 1 tokens of the context count.
 *
 * @param {KneserNey} model
 * @param {ArrayLike<number>} context token ids
 * @returns {Float64Array} (vocabulary,)
 */
export function distribution({ base, levels }, context) {
  const V = base.length;
  let p = base;
  for (let length = 0; length < Math.min(levels.length, context.length + 1); length++) {
    let h = 0; // the empty context
    for (let i = 0; i < length && h >= 0; i++) {
      h = find(levels[i].keys, h * V + context[context.length - length + i]);
    }
    if (h < 0) break; // a context that was not seen passes everything down, and so do longer ones
    const { keys, share, passed } = levels[length];
    p = p.map((value) => passed[h] * value);
    for (let i = firstFrom(keys, h * V); i < keys.length && keys[i] < (h + 1) * V; i++) {
      p[keys[i] - h * V] += share[i];
    }
  }
  return p;
}

/**
 * The model of n-grams up to length `order` of a text.
 *
 * @param {ArrayLike<number>} ids (time,)
 * @param {number} order
 * @param {Float64Array} base (vocabulary,) the distribution that the lowest order falls back on
 * @returns {KneserNey}
 */
export function fit(ids, order, base) {
  const V = base.length;
  const levels = [];
  let grams = unique(Float64Array.from(ids)); // index[i] is the n-gram that starts at i
  let contexts = 1;
  for (let n = 1; n <= order; n++) {
    const { keys, index } = grams;
    const starts = index.subarray(0, Math.max(ids.length - n, 0));
    const longer = unique(Float64Array.from(starts, (gram, i) => gram * V + ids[i + n]));
    const counts = new Float64Array(keys.length);
    if (n === order) {
      for (const gram of index) counts[gram]++;
    } else {
      // each distinct (n + 1)-gram is one more token before the n-gram that it ends with
      const suffix = new Float64Array(longer.keys.length);
      longer.index.forEach((gram, i) => (suffix[gram] = index[i + 1]));
      for (const gram of suffix) counts[gram]++;
      if (index.length) counts[index[0]]++; // before it is the start of the text
    }
    levels.push(makeLevel(keys, counts, V, contexts));
    [contexts, grams] = [keys.length, longer];
  }
  return { base, levels };
}

/**
 * A distribution over all of GPT-2's tokens, for a model of a text to fall back on.
 *
 * The probability of a class is proportional to the number of different tokens of it in the text,
 * plus one; within a class it follows the vocabulary's prior.
 *
 * @param {Iterable<number>} ids
 * @param {Uint8Array} classes (vocabulary,) the class of each id
 * @returns {Float64Array} (vocabulary,)
 */
export function classBase(ids, classes) {
  const weight = new Float64Array(256).fill(1);
  for (const id of new Set(ids)) weight[classes[id]]++;
  const base = prior(new Uint16Array(), classes).map((p, id) => weight[classes[id]] * p);
  const sum = base.reduce((a, b) => a + b);
  return base.map((p) => p / sum);
}

/**
 * The discounts for counts of 1, of 2, and of 3 or more (Chen and Goodman 1998, section 3).
 *
 * @param {Float64Array} counts
 * @returns {number[]}
 */
function discounts(counts) {
  const n = [0, 1, 2, 3, 4].map((j) => counts.filter((count) => count === j).length);
  if (!(n[1] && n[2] && n[3])) return FALLBACK;
  const Y = n[1] / (n[1] + 2 * n[2]);
  const found = [1, 2, 3].map((j) => j - ((j + 1) * Y * n[j + 1]) / n[j]);
  return Math.min(...found) > 0 ? found : FALLBACK; // 0 would leave nothing for unseen tokens
}

/**
 * @param {Float64Array} keys
 * @param {Float64Array} counts
 * @param {number} V
 * @param {number} contexts
 * @returns {Level}
 */
function makeLevel(keys, counts, V, contexts) {
  const D = [0, ...discounts(counts)];
  const discount = counts.map((count) => D[Math.min(count, 3)]);
  const h = Array.from(keys, (key) => Math.floor(key / V));
  const total = new Float64Array(contexts);
  const taken = new Float64Array(contexts);
  h.forEach((context, i) => {
    total[context] += counts[i];
    taken[context] += discount[i];
  });
  const share = counts.map((count, i) => (count - discount[i]) / total[h[i]]);
  return { keys, share, passed: taken.map((t, i) => (total[i] > 0 ? t / total[i] : 1)) };
}
