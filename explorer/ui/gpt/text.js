/** The text so far: the tokens of the prompt and those generated after it. */

/**
 * @typedef {ReturnType<typeof import("../../lib/gpt/index.js").makeGPT>} GPT
 * @typedef {import("./chips.js").Token} Token
 */

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
      const logProbs = prompt.length > 1 ? gpt.logProbs(prompt) : [];
      [ids, typed] = [prompt, prompt.length];
      tokens = prompt.map((id, i) => token(id, i ? logProbs[i - 1] : null, false));
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
