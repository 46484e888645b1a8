/**
 * The panel "Inversion": scrub through the recorded iterations of one restart.
 */
import { makeBackground } from "../../ui/background.js";
import { fill, fillWords, find, write } from "../../ui/dom.js";
import { makeForm } from "../../ui/form.js";
import { makePipeline } from "../../ui/pipeline.js";
import { makePlayer } from "../../ui/player.js";
import { inversion as words } from "../../words/inversion.js";
import { makeCharts } from "./charts.js";
import { percent, showBars, showNumbers, tokenText } from "./numbers.js";
import { makeSentence } from "./sentence.js";
import { CHOICES, INITIAL, checkView, indexOf, pipelineCommand } from "./view.js";

const SHOWN = 6; // tokens in each list

/**
 * @param {HTMLElement} panel
 * @param {import("../../lib/gpt/inversion.js").GPT} gpt
 * @param {import("./view.js").Inversion} inversion
 */
export function inversionPanel(panel, gpt, inversion) {
  fillWords(panel, words);
  const { ids, steps, restart } = inversion;
  const last = steps[steps.length - 1];
  const list = (/** @type {string} */ name) => find(panel, `.${name}`, HTMLElement);
  const decode = (/** @type {number} */ id) => tokenText(gpt.decode([id]));
  const pipeline = makePipeline(panel, words.noPipeline);
  const charts = makeCharts(panel);
  const sentence = makeSentence(list("sentence"), ids, decode, (position) => {
    form.keep({ ...form.view(), position });
    paint();
  });
  let read = 0; // iterations, for the charts
  let drawn = ""; // by which similarity the charts are
  write(list("recorded"), fill(words.recorded, { RESTART: restart, COUNT: steps.length }));

  const player = makePlayer(panel, words.iteration, (i) => {
    form.keep({ ...form.view(), step: steps[i] });
    paint();
  });
  const form = makeForm(panel, {
    prefix: "inversion.",
    initial: INITIAL,
    choices: CHOICES,
    check: (view) => checkView(view, inversion),
    show(view) {
      player.put(indexOf(view, inversion), steps.length - 1);
      paint();
      drawCharts();
    },
  });
  const background = makeBackground(drawCharts);

  function paint() {
    const view = form.view();
    const i = indexOf(view, inversion);
    const state = inversion.at(i);
    const wanted = ids[view.position - 1];
    player.say(fill(words.level, { STEP: state.step, LAST: last }));
    sentence.show(state, view);
    showNumbers(panel, state, view);
    const place = { POSITION: view.position, TOKEN: `\u201c${decode(wanted)}\u201d` };
    write(list("chosen"), fill(words.chosen, place));
    const around = inversion.around(i, view.position - 1, view.by, SHOWN);
    const { likeliest, nearest } = around;
    const number = (/** @type {number} */ value) => value.toFixed(3);
    const farthest = Math.max(...nearest.map(({ value }) => value));
    const full = view.by === "cosine" ? 1 : farthest;
    write(list("wanted-name"), words.wantedSimilarity[view.by]);
    write(list("wanted-similarity"), number(around.wanted));
    showBars(list("likeliest"), likeliest, { decode, wanted, text: percent, full: 1 });
    showBars(list("closest"), nearest, { decode, wanted, text: number, full });
    charts.mark(state.step);
    pipeline(pipelineCommand(state.step));
  }

  function* readAll() {
    for (; read < steps.length; read++) {
      yield* inversion.read(read);
    }
  }

  function drawCharts() {
    const all = read === steps.length;
    write(list("computing"), all ? "" : fill(words.computing, { DONE: read, ALL: steps.length }));
    const { by } = form.view();
    if (!all || drawn === by) return;
    drawn = by;
    charts.draw(
      steps.map((_, i) => inversion.at(i)),
      by,
    );
  }

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    drawn = "";
    drawCharts();
  });
  form.start();
  background.run(readAll());
}
