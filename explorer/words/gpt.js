/**
 * The words of the panel "The GPT". `static` are those of page.html, by the name in data-word (an
 * element's text) or data-label (its label for screen readers).
 */

const percent = (/** @type {number} */ p) =>
  p >= 0.001 ? `${(100 * p).toFixed(1)}%` : p > 0 ? "< 0.1%" : "0%";
const signed = (/** @type {number} */ value) => value.toFixed(2).replace("-", "\u2212");
const three = (/** @type {number} */ value) => value.toFixed(3).replace("-", "\u2212");
const count = (/** @type {number} */ n) => n.toLocaleString("en");

export const gpt = {
  static: {
    title: "The GPT",
    intro:
      "Type a text. Each token is coloured by its log-probability given those before it: the " +
      "stronger the orange, the more it surprised the model.",
    prompt: "prompt",
    start: "Alice was beginning to get very tired of sitting by her sister",
    tokens: "Tokens of the prompt, and those generated after it. Arrow keys move, Enter selects.",
    next: "The next token",
    table: "The 12 likeliest next tokens",
    token: "token",
    bars: "probability",
    gpt: "GPT",
    ngram: "n\u2011gram",
    temperature: "temperature",
    topK: "top-k",
    seed: "seed",
    draw: "Draw",
    undo: "Undo",
    attention: "Attention",
    block: "block",
    head: "head",
    show: "show",
    weight: "weight",
    score: "score",
  },
  run: (/** @type {number} */ n) => `Run ${n}`,
  stop: "Stop",
  all: "all",
  mean: "mean",
  percent,

  empty: "The prompt is empty. Type at least one character: the model continues a text.",
  tooLong: (/** @type {number} */ n, /** @type {number} */ most) =>
    `The prompt has ${count(n)} tokens, and the model has positions for ${most}. Shorten it.`,
  muchTooLong: (/** @type {number} */ most) =>
    `The prompt is far too long: the model has positions for ${most} tokens. Shorten it.`,
  full: (/** @type {number} */ most) =>
    `All ${most} positions of the model are used. Undo some tokens, or shorten the prompt.`,
  badSeed: "The seed must be a whole number from 0 to 4,294,967,295.",
  nothingToUndo: "There is no generated token to undo.",
  noAttention: "Nothing comes before the first token, so the model does not predict it.",

  token: (/** @type {string} */ text, /** @type {number | null} */ logProb) =>
    logProb === null
      ? `"${text}": the first token, which the model does not predict`
      : `"${text}": log-probability ${signed(logProb)} (probability ${percent(Math.exp(logProb))})`,
  nextToken: "?: the token that comes next",
  attended: (/** @type {"weight" | "score"} */ quantity, /** @type {number} */ value) =>
    `${{ weight: "attention weight", score: "attention score" }[quantity]} ${three(value)}`,
  value: three,
  hover: "Point at a token to see its number.",

  others: (/** @type {number} */ n) => `all ${count(n)} others`,
  order: "All tokens side by side in the order of their ids, each as wide as its probability.",
  fell: (
    /** @type {{u: number, text: string, from: number, to: number}} */ { u, text, from, to },
  ) => `u = ${u.toFixed(4)} fell on "${text}", from ${from.toFixed(4)} to ${to.toFixed(4)}.`,

  selectOne: "Click a token (or ?) above. Blue then shows what its prediction attended to.",
  attendedTo: (/** @type {string} */ text, /** @type {string} */ most) =>
    `The prediction of "${text}" attended most to ${most}.`,
};
