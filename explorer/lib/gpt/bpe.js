/**
 * GPT-2's byte pair encoding (Radford et al. 2019): text to token ids and back.
 *
 * Bytes are handled as strings with one character, U+0000 to U+00FF, for each byte: unlike arrays,
 * strings can be the keys of a Map.
 */

/**
 * @typedef {object} BPE
 * @property {string[]} pieces the bytes of each token id; the last is the end of text
 * @property {Map<string, number>} ranks the id of each piece, which is also its merge's rank
 */

// How GPT-2 cuts text before it merges bytes. tiktoken's \s is Unicode's White_Space, while
// JavaScript's \s counts U+FEFF as a space, and U+0085 not.
const SPACE = "\\p{White_Space}";
const PATTERN = new RegExp(
  "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+" +
    `| ?[^${SPACE}\\p{L}\\p{N}]+|${SPACE}+(?!\\P{White_Space})|${SPACE}+`,
  "gu",
);

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true }); // else it would drop U+FEFF

/**
 * The encoding of a table of pieces, in order of their ranks.
 *
 * @param {Uint8Array} bytes of all pieces, one after the other
 * @param {Uint8Array} lengths of each piece, in bytes
 * @returns {BPE}
 */
export function makeBPE(bytes, lengths) {
  /** @type {string[]} */
  const pieces = [];
  let start = 0;
  for (const length of lengths) {
    pieces.push(String.fromCharCode(...bytes.subarray(start, start + length)));
    start += length;
  }
  const ranks = new Map(pieces.map((piece, id) => [piece, id]));
  pieces.push("<|endoftext|>"); // not in `ranks`: in a text it is text like any other
  return { pieces, ranks };
}

/**
 * The ids of a text.
 *
 * @param {BPE} bpe
 * @param {string} text
 * @returns {number[]}
 */
export function encode(bpe, text) {
  return (text.match(PATTERN) ?? []).flatMap((word) => encodeWord(bpe, word));
}

/**
 * The text of ids; bytes that are no UTF-8 (a character cut in two) become U+FFFD.
 *
 * @param {BPE} bpe
 * @param {number[]} ids
 * @returns {string}
 */
export function decode(bpe, ids) {
  const bytes = ids.map((id) => bpe.pieces[id]).join("");
  return decoder.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}

/**
 * @param {BPE} bpe
 * @param {string} word
 * @returns {number[]}
 */
function encodeWord({ ranks }, word) {
  const parts = Array.from(encoder.encode(word), (byte) => String.fromCharCode(byte));
  const rankAt = (/** @type {number} */ i) => ranks.get(parts[i] + parts[i + 1]) ?? Infinity;
  // of each pair of neighbours; a merge changes only the two beside it
  const pairs = parts.slice(1).map((_, i) => rankAt(i));
  for (;;) {
    let first = 0;
    for (let i = 1; i < pairs.length; i++) if (pairs[i] < pairs[first]) first = i;
    if (!(pairs[first] < Infinity)) break;
    parts.splice(first, 2, parts[first] + parts[first + 1]);
    pairs.splice(first, 1);
    if (first < pairs.length) pairs[first] = rankAt(first);
    if (first > 0) pairs[first - 1] = rankAt(first - 1);
  }
  return parts.map((part) => /** @type {number} */ (ranks.get(part)));
}
