/** The text so far: the tokens of the prompt and those generated after it. */

/**
 * @typedef {ReturnType<typeof import("../../lib/gpt/index.js").makeGPT>} GPT
 * @typedef {import("./chips.js").Token} Token
 */

const FEW = 4; // new tokens that are read one by one, which is faster than reading all at once

/** @param {GPT} gpt */
export function makeText(gpt) {
  /** @type {number[]} */
  let ids = [];
  /** @type {Token[]} */
  let tokens = [];
  let typed = 0;

  /**
   * @param {number} id
   * @param {number | null} logProb
   * @param {boolean} generated
   */
  const token = (id, logProb, generated) => ({ text: gpt.decode([id]), logProb, generated });

  return {
    ids: () => ids,
    tokens: () => tokens,
    generated: () => ids.length - typed,

    /** @param {number[]} prompt */
    start(prompt) {
      let shared = 0;
      while (shared < prompt.length && prompt[shared] === ids[shared]) shared++;
      const old = tokens.slice(0, shared);
      const first = prompt.length - shared > FEW ? 0 : shared;
      const logProbs = first || prompt.length < 2 ? [] : gpt.logProbs(prompt);
      const logProb = (/** @type {number} */ i) => {
        if (i === 0) return null;
        if (i < first) return old[i].logProb;
        return first ? Math.log(gpt.next(prompt.slice(0, i))[prompt[i]]) : logProbs[i - 1];
      };
      tokens = prompt.map((id, i) => token(id, logProb(i), false));
      [ids, typed] = [prompt, prompt.length];
    },

    /** @param {number} id */
    append(id) {
      // its log-probability is the model's own, whatever the temperature it was drawn at
      tokens = [...tokens, token(id, Math.log(gpt.next(ids)[id]), true)];
      ids = [...ids, id];
    },

    undo() {
      [ids, tokens] = [ids.slice(0, -1), tokens.slice(0, -1)];
    },
  };
}
