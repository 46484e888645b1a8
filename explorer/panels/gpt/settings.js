/** Reading the controls. */
import { gpt as gptWords } from "../../words/gpt.js";

const LONGEST = 128; // bytes in a token, hence at least as many as its characters

/**
 * The ids of a prompt, or a sentence about what is wrong with it.
 *
 * @param {{encode: (text: string) => number[], model: {block_size: number}}} gpt
 * @param {string} text
 * @returns {{ids: number[], problem: string}} the problem is empty if there is none
 */
export function readPrompt({ encode, model }, text) {
  if (!text) return { ids: [], problem: gptWords.empty };
  const most = model.block_size;
  // encoding a book in one word would take minutes
  if (text.length > most * LONGEST) return { ids: [], problem: gptWords.muchTooLong(most) };
  const ids = encode(text);
  if (ids.length <= most) return { ids, problem: "" };
  return { ids: [], problem: gptWords.tooLong(ids.length, most) };
}

/**
 * @param {string} text
 * @returns {number | null} null if it is not a whole number from 0 to 2^32 - 1
 */
export function readSeed(text) {
  return /^\d+$/.test(text) && Number(text) < 2 ** 32 ? Number(text) : null;
}

/**
 * The end of the slider for top-k means all tokens.
 *
 * @param {HTMLInputElement} temperature
 * @param {HTMLInputElement} topK
 * @returns {{temperature: number, topK: number | null}}
 */
export function readOptions(temperature, topK) {
  const all = topK.value === topK.max;
  return { temperature: Number(temperature.value), topK: all ? null : Number(topK.value) };
}
