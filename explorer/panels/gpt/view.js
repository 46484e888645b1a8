/**
 * What the panel shows, as a value, and its limits.
 *
 * @typedef {object} View
 * @property {string} prompt
 * @property {number[]} drawn ids of the tokens drawn after it: not their number alone, because
 *   settings may have changed between draws
 * @property {number} seed
 * @property {number} temperature
 * @property {number} topK ALL for no limit
 * @property {number} chosen the token whose prediction is explained; -1 for none; the text's
 *   length for the one that comes next
 * @property {string} block
 * @property {string} head a number, or mean
 * @property {string} quantity weight or score
 * @property {[number, number][]} silenced block and head of each silenced head
 * @property {number} at the token to replace; -1 for none
 * @property {string} by what it is replaced by; empty for not yet
 * @property {number} replacements of each token
 */
import { checkCount, checkNumber, pick } from "../../lib/check.js";
import { fill } from "../../ui/dom.js";
import { toNumber } from "../../ui/form.js";
import { gpt as words } from "../../words/gpt.js";

export const ALL = 201; // the end of the slider for top-k
const LONGEST = 128; // bytes in a token, hence at least as many as its characters
const MOST_REPLACEMENTS = 1000;

/** @type {View} */
export const INITIAL = {
  prompt: "Alice was beginning to get very tired of sitting by her sister",
  drawn: [],
  seed: 0,
  temperature: 1,
  topK: ALL,
  chosen: -1,
  block: "0",
  head: "mean",
  quantity: "weight",
  silenced: [],
  at: -1,
  by: "",
  replacements: 20,
};

/** Values in a link that are lists. */
export const FORMATS = {
  drawn: {
    parse: (/** @type {string} */ text) => (text ? text.split(",").map(toNumber) : []),
    text: (/** @type {number[]} */ ids) => ids.join(","),
  },
  silenced: {
    parse: (/** @type {string} */ text) =>
      text ? text.split(",").map((pair) => pair.split(".").map(toNumber)) : [],
    text: (/** @type {number[][]} */ pairs) => pairs.map((pair) => pair.join(".")).join(","),
  },
};

/** @param {import("./text.js").GPT["model"]} model */
export function choicesOf({ blocks, n_head }) {
  const numbers = (/** @type {number} */ n) =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [`${i}`, `${i}`]));
  const { mean, weight, score } = words;
  return {
    block: numbers(blocks.length),
    head: { mean, ...numbers(n_head) },
    quantity: { weight, score },
  };
}

/**
 * The ids of a view's text, as it was typed and drawn.
 *
 * @param {import("./text.js").GPT} gpt
 * @param {View} view
 * @returns {number[]}
 * @throws {RangeError} with a sentence, if it is empty, too long or not of tokens
 */
export function idsOf({ encode, model }, { prompt, drawn }) {
  const most = model.block_size;
  if (!prompt) throw new RangeError(words.empty);
  // encoding a book in one word would take minutes
  const tooLong = prompt.length > most * LONGEST;
  if (tooLong) throw new RangeError(fill(words.muchTooLong, { MOST: most }));
  const ids = encode(prompt);
  if (ids.length > most) {
    throw new RangeError(fill(words.tooLong, { N: ids.length.toLocaleString("en"), MOST: most }));
  }
  return [...ids, ...drawn];
}

/**
 * The ids that are shown: with a token replaced, if one is.
 *
 * @param {import("./text.js").GPT} gpt
 * @param {View} view
 */
export function shownIds(gpt, view) {
  const ids = idsOf(gpt, view);
  return view.by ? ids.with(view.at, gpt.encode(view.by)[0]) : ids;
}

/**
 * @param {import("./text.js").GPT} gpt
 * @param {View} view
 * @returns {void} throws a RangeError, whose message is a sentence, if it is wrong
 */
export function checkView(gpt, view) {
  const { model } = gpt;
  const ids = idsOf(gpt, view);
  checkDrawn(gpt, view, ids);
  checkCount(words.seed, view.seed, 0, 2 ** 32 - 1);
  checkNumber(words.temperature, view.temperature, 0, 2);
  checkCount(words.topK, view.topK, 1, ALL);
  checkCount(words.replacements, view.replacements, 10, MOST_REPLACEMENTS);
  for (const [name, known] of Object.entries(choicesOf(model))) {
    const { [name]: what } = /** @type {Record<string, any>} */ (words);
    pick(what, known, /** @type {any} */ (view)[name]);
  }
  checkCount(words.chosenToken, view.chosen, -1, ids.length);
  if (view.chosen === 0) throw new RangeError(words.noAttention.replace(/\.$/, ""));
  const fits = ([block, head, ...more] = /** @type {number[]} */ ([])) =>
    !more.length && model.blocks[block] !== undefined && head >= 0 && head < model.n_head;
  const whole = view.silenced.flat().every(Number.isInteger);
  const once = new Set(view.silenced.map(String)).size === view.silenced.length;
  if (!whole || !once || !view.silenced.every((pair) => fits(pair))) {
    throw new RangeError(words.silencedPairs);
  }
  checkCount(words.replacedToken, view.at, -1, ids.length - 1);
  if (view.by) checkReplacement(gpt, view);
}

/**
 * @param {import("./text.js").GPT} gpt
 * @param {View} view
 * @param {number[]} ids
 */
function checkDrawn({ model, vocabularySize }, { drawn }, ids) {
  const known = drawn.every((id) => Number.isInteger(id) && id >= 0 && id < vocabularySize);
  if (known && ids.length <= model.block_size) return;
  const values = { LAST: vocabularySize - 1, MOST: model.block_size };
  throw new RangeError(fill(words.drawn, values));
}

/**
 * @param {import("./text.js").GPT} gpt
 * @param {View} view
 */
function checkReplacement({ encode }, { at, by }) {
  if (at < 0) throw new RangeError(words.nothingToReplace);
  const n = by.length > LONGEST ? by.length : encode(by).length;
  if (n !== 1) throw new RangeError(fill(words.oneToken, { TEXT: by.slice(0, LONGEST), N: n }));
}
