/** What the pipeline does with the panel's setting. */
import { ALL } from "./view.js";

const FIRST_WORD = 3; // that the stage attention explains
const LAST_WORD = 40;

/**
 * The command that makes the view's setting in the pipeline; null if no stage does.
 *
 * Without a chosen token it is that of the stage generate. With one that was drawn it is that of
 * the stage attention, which explains the word that the token belongs to.
 *
 * @param {import("./view.js").View} view
 * @param {string[]} tokens the texts of the tokens
 */
export function pipelineCommand(view, tokens) {
  const { prompt, temperature, topK, seed, chosen } = view;
  if (view.by || view.silenced.length) return null;
  const stage = chosen < 0 ? "generate" : "attention";
  /** @type {Record<string, string | number>} */
  const values = { prompt: quote(prompt) };
  if (chosen < 0) values.tokens = Math.max(1, view.drawn.length);
  else {
    const word = words(tokens.slice(0, chosen + 1).join(""));
    const generated = chosen < tokens.length && words(prompt) < word; // as the stage asks
    if (!generated || !words(tokens[chosen]) || word < FIRST_WORD || word > LAST_WORD) return null;
    Object.assign(values, { word, words: word + 1, replacements: view.replacements });
  }
  Object.assign(values, { temperature, top_k: topK === ALL ? 50257 : topK, seed });
  const options = Object.entries(values).map(([key, value]) => `-S ${stage}.${key}=${value}`);
  return `dvc exp run ${options.join(" ")}`;
}

/** @param {string} text */
function words(text) {
  const segments = new Intl.Segmenter("en", { granularity: "word" }).segment(text);
  return [...segments].filter(({ isWordLike }) => isWordLike).length;
}

/**
 * A text as a value of Hydra's, which has backslashes doubled before a quote only, in quotes of the
 * shell.
 *
 * @param {string} text
 */
function quote(text) {
  const hydra = text
    .replace(/(\\*)("|$)/g, (_, slashes, end) => slashes + slashes + (end && '\\"'))
    .replaceAll("${", "\\${");
  if (!text.includes("\n")) return `'"${hydra.replaceAll("'", "'\\''")}"'`;
  const escaped = hydra.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n"); // to keep it on one line
  return `$'"${escaped}"'`;
}
