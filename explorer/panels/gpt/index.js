/**
 * The panel "The GPT": a prompt's tokens, attention beside what a prediction depended on, and the
 * next token and how it is drawn.
 */
import { makeBackground } from "../../ui/background.js";
import { fillWords, find, write } from "../../ui/dom.js";
import { makeForm } from "../../ui/form.js";
import { makePipeline } from "../../ui/pipeline.js";
import { gpt as words } from "../../words/gpt.js";
import { altered } from "./altered.js";
import { attentionView } from "./attention_view.js";
import { pipelineCommand } from "./command.js";
import { makeDrawing } from "./drawing.js";
import { makeEffects } from "./effects.js";
import { effectsView } from "./effects_view.js";
import { makeHeads } from "./heads.js";
import { nextView } from "./next_view.js";
import { makeReplacing } from "./replacing.js";
import { makeText } from "./text.js";
import { FORMATS, INITIAL, checkView, choicesOf, idsOf, shownIds } from "./view.js";

const DELAY = 150; // ms between a key and the model

/** @typedef {import("./view.js").View} View */

/**
 * @param {HTMLElement} panel
 * @param {import("./text.js").GPT} gpt
 */
export function gptPanel(panel, gpt) {
  fillWords(panel, words);
  const prompt = find(panel, "[name=prompt]", HTMLTextAreaElement);
  const seed = find(panel, "[name=seed]", HTMLInputElement);
  const message = find(panel, ".message", HTMLElement);
  const allHeads = find(panel, ".all-heads", HTMLButtonElement);
  const say = (/** @type {string} */ sentence) => write(message, sentence);
  const text = makeText(gpt);
  const effects = makeEffects(gpt);
  const attention = attentionView(panel, gpt, choose);
  const showEffects = effectsView(panel);
  const showNext = nextView(panel, gpt);
  const showHeads = makeHeads(panel, gpt.model, toggle);
  const pipeline = makePipeline(panel, words.noPipeline);
  /** @type {import("./chips.js").Token[]} */
  let tokens = [];

  const form = makeForm(panel, {
    prefix: "gpt.",
    initial: INITIAL,
    choices: choicesOf(gpt.model),
    formats: FORMATS,
    check: (view) => checkView(gpt, view),
    change,
    show: (view) => background.run(shown(view)),
  });
  const drawing = makeDrawing(panel, gpt, form, settle, say);
  const replacing = makeReplacing(panel, { change: form.change, say });
  const background = makeBackground(paint);

  /**
   * The view after a change: at the same time, with what is typed but not yet taken.
   *
   * @param {View} view
   * @param {Partial<View>} changes
   * @returns {View}
   */
  function change(view, changes) {
    const next = { ...view, prompt: prompt.value, seed: seed.valueAsNumber, ...changes };
    if (next.prompt === view.prompt) return next;
    return { ...next, drawn: [], chosen: -1, at: -1, by: "" }; // they belonged to another text
  }

  function settle() {
    const view = form.view();
    const same = prompt.value === view.prompt && seed.valueAsNumber === view.seed;
    return same || form.change({}, ["prompt", "seed"]);
  }

  /**
   * Shows a view, bit by bit.
   *
   * @param {View} view
   * @returns {Generator<void, void, void>}
   */
  function* shown(view) {
    const [original, ids] = [idsOf(gpt, view), shownIds(gpt, view)];
    const logProbs = text.read(ids, view.silenced);
    tokens = ids.map((id, i) => ({
      text: gpt.decode([id]),
      logProb: logProbs[i],
      generated: i >= ids.length - view.drawn.length,
      picked: i === view.at,
      replaced: i === view.at && view.by !== "",
    }));
    attention.show(tokens, ids, view);
    const old = view.at < 0 ? "" : gpt.decode([original[view.at]]);
    replacing.show(view, old);
    write(find(panel, ".altered", HTMLElement), altered(view, old));
    allHeads.disabled = !view.silenced.length;
    pipeline(
      pipelineCommand(
        view,
        tokens.map((token) => token.text),
      ),
    );
    const remaining = effects.update(ids, original, view);
    yield;
    showNext(ids, view);
    yield* remaining;
  }

  /** Shows what is known so far of the effects. */
  function paint() {
    const known = effects.known();
    const view = form.view();
    attention.showChanges(known?.changes ?? []);
    showHeads(view.silenced, known?.heads ?? null);
    showEffects(known, tokens, attention.row(), view);
  }

  /** @param {number} index the token that was clicked; -1 for none */
  function choose(index) {
    if (replacing.take(index, tokens[index]?.text)) return;
    drawing.stop();
    const { chosen } = form.view();
    form.change({ chosen: index === chosen || index === 0 ? -1 : index });
    if (index === 0) say(words.noAttention);
  }

  /**
   * @param {number} block
   * @param {number} head
   */
  function toggle(block, head) {
    const { silenced } = form.view();
    const others = silenced.filter(([b, h]) => b !== block || h !== head);
    const on = others.length < silenced.length;
    form.change({ silenced: on ? others : [...others, [block, head]] });
  }

  let timer = 0;
  prompt.addEventListener("input", () => {
    drawing.stop();
    clearTimeout(timer);
    timer = setTimeout(() => form.change({}, ["prompt"]), DELAY);
  });
  allHeads.addEventListener("click", () => form.change({ silenced: [] }));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  form.start();
}
