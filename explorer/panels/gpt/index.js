/** The panel "The GPT": a prompt's tokens, the next token and how it is drawn, and attention. */
import { makeRandom } from "../../lib/random.js";
import { gpt as gptWords } from "../../words/gpt.js";
import { attentionView } from "./attention_view.js";
import { showDie } from "./die.js";
import { showDistribution } from "./distribution.js";
import { fillWords, find } from "../../ui/dom.js";
import { readOptions, readPrompt, readSeed } from "./settings.js";
import { makeText } from "./text.js";

const RUN = 20; // tokens
const DELAY = 150; // ms between a key and the model, and between tokens of a run

const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param {HTMLElement} panel
 * @param {import("./text.js").GPT} gpt
 */
export function gptPanel(panel, gpt) {
  const input = (/** @type {string} */ name) => find(panel, `.${name}`, HTMLInputElement);
  const button = (/** @type {string} */ name) => find(panel, `.${name}`, HTMLButtonElement);
  const element = (/** @type {string} */ name) => find(panel, `.${name}`, HTMLElement);
  const prompt = find(panel, ".prompt", HTMLTextAreaElement);
  const [temperature, topK, seed] = ["temperature", "top-k", "seed"].map(input);
  const run = button("run");
  const text = makeText(gpt);
  const decode = (/** @type {number} */ id) => gpt.decode([id]);
  fillWords(panel, gptWords.static);
  const attention = attentionView(panel, gpt, text, say);
  /** @type {number[]} */
  let probs = [];
  let problem = ""; // of the prompt
  let version = 0; // of the prompt
  let timer = 0;
  let reading = Promise.resolve();
  let running = 0; // the number of the run that goes on; 0 for none
  let runs = 0;

  /** @param {string} sentence */
  function say(sentence) {
    element("message").textContent = sentence;
  }

  async function read() {
    timer = 0;
    const mine = ++version;
    const { ids, problem: found } = readPrompt(gpt, prompt.value);
    problem = found;
    say(problem);
    await pause(0); // so that keys are not kept waiting for all that follows
    if (mine !== version) return;
    text.start(ids);
    attention.build();
    await pause(0);
    if (mine === version) showNext();
  }

  /** @param {import("./die.js").Drawn | null} drawn */
  function showNext(drawn = null) {
    const options = readOptions(temperature, topK);
    element("temperature-value").textContent = options.temperature.toFixed(2);
    const k = options.topK === null ? gptWords.all : String(options.topK);
    element("top-k-value").textContent = k;
    topK.setAttribute("aria-valuetext", k);
    const ids = text.ids();
    panel.classList.toggle("without-text", !ids.length);
    if (!ids.length) return;
    probs = gpt.next(ids, options);
    showDistribution(element("distribution tbody"), probs, gpt.ngram(ids), decode);
    showDie(element("die"), element("die-caption"), drawn?.probs ?? probs, drawn, decode);
  }

  /** @returns {boolean} whether a token was drawn */
  function draw() {
    const start = readSeed(seed.value);
    const full = text.ids().length >= gpt.model.block_size;
    say(problem || (start === null ? gptWords.badSeed : ""));
    if (!problem && full) say(gptWords.full(gpt.model.block_size));
    if (problem || full || start === null) return false;
    // the number depends on the place only: after undo, the same one falls again
    const { uniform } = makeRandom(start);
    for (let i = 0; i < text.generated(); i++) uniform();
    const drawn = { probs, u: uniform() };
    const id = gpt.draw(probs, drawn.u);
    text.append(id);
    attention.build();
    showNext({ ...drawn, id });
    return true;
  }

  function stop() {
    running = 0;
    run.textContent = gptWords.run(RUN);
  }

  /** Lets the model read the prompt first, if it has not yet. */
  async function settle() {
    if (timer) {
      clearTimeout(timer);
      reading = read();
    }
    await reading;
  }

  async function generate() {
    if (running) return stop();
    const mine = ++runs; // a run that was stopped may still be in its pause
    running = mine;
    run.textContent = gptWords.stop;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    await settle();
    for (let i = 0; i < RUN && running === mine && draw(); i++) await pause(still ? 0 : DELAY);
    if (running === mine) stop();
  }

  prompt.addEventListener("input", () => {
    stop();
    clearTimeout(timer);
    timer = setTimeout(() => (reading = read()), DELAY);
  });
  for (const slider of [temperature, topK]) slider.addEventListener("input", () => showNext());
  seed.addEventListener("input", () => {
    say(problem || (readSeed(seed.value) === null ? gptWords.badSeed : ""));
  });
  button("draw").addEventListener("click", async () => {
    stop();
    await settle();
    draw();
  });
  button("undo").addEventListener("click", async () => {
    stop();
    await settle();
    say(problem || (text.generated() ? "" : gptWords.nothingToUndo));
    if (!text.generated()) return;
    text.undo();
    attention.build();
    showNext();
  });
  run.addEventListener("click", generate);
  stop();
  reading = read();
}
