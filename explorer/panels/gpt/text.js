/** The text that is shown: its tokens and their log-probabilities. */

/**
 * @typedef {ReturnType<typeof import("../../lib/gpt/index.js").makeGPT>} GPT
 * @typedef {import("./chips.js").Token} Token
 */

const FEW = 4; // new tokens that are read one by one, which is faster than reading all at once

/** @param {GPT} gpt */
export function makeText(gpt) {
  /** @type {number[]} */
  let ids = [];
  /** @type {(number | null)[]} */
  let logProbs = []; // null for the first token
  let without = ""; // the silenced heads

  return {
    ids: () => ids,

    /**
     * Reads what is new since the last call.
     *
     * Log-probabilities are the model's own, whatever the temperature a token was drawn at.
     *
     * @param {number[]} next
     * @param {number[][]} silenced
     * @returns {(number | null)[]} log-probabilities
     */
    read(next, silenced) {
      if (without !== String(silenced)) [ids, without] = [[], String(silenced)];
      let shared = 0;
      while (shared < next.length && next[shared] === ids[shared]) shared++;
      if (next.length < 2) logProbs = next.map(() => null);
      else if (next.length - shared > FEW) logProbs = [null, ...gpt.logProbs(next, { silenced })];
      else {
        logProbs = next.map((id, i) => {
          if (i === 0) return null;
          if (i < shared) return logProbs[i];
          return Math.log(gpt.next(next.slice(0, i), { silenced })[id]);
        });
      }
      ids = next;
      return logProbs;
    },
  };
}
