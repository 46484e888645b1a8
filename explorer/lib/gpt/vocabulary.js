/**
 * Which of GPT-2's tokens the model can distinguish.
 *
 * Tokens of the training text have a row of their own in the embedding and the head. All others
 * are unknown and share a row with their class ("a word in -ing", ...); a fixed prior says which
 * of them it is.
 */

const OFFSET = 1000; // flattens the prior over the first ranks, most of which the text has

/**
 * @typedef {object} Vocabulary
 * @property {Int32Array} row (vocabulary,) the row of each id
 * @property {Float32Array} logPrior (vocabulary,) log probability of each id given its row
 */

/**
 * @param {Uint16Array} tokens (own,) the ids with a row of their own: row i is tokens[i]
 * @param {Uint8Array} classes (vocabulary,) the class of each id
 * @returns {Vocabulary}
 */
export function makeVocabulary(tokens, classes) {
  const row = Int32Array.from(classes, (c) => tokens.length + c);
  tokens.forEach((id, i) => (row[id] = i));
  return { row, logPrior: Float32Array.from(prior(tokens, classes), Math.log) };
}

/**
 * The probability of each id given its row: 1 if the row is its own. Within a class it falls as
 * 1 / (rank + OFFSET), with the rank among GPT-2's merges, which follows how common a token is.
 *
 * @param {Uint16Array} tokens (own,) the ids with a row of their own
 * @param {Uint8Array} classes (vocabulary,) the class of each id
 * @returns {Float64Array} (vocabulary,)
 */
export function prior(tokens, classes) {
  const own = new Set(tokens);
  const total = new Float64Array(256);
  classes.forEach((c, id) => {
    if (!own.has(id)) total[c] += 1 / (id + OFFSET);
  });
  return Float64Array.from(classes, (c, id) => (own.has(id) ? 1 : 1 / (id + OFFSET) / total[c]));
}
