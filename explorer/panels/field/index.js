/**
 * The panel "The score field": a network's score, the exact one, and their difference.
 */
import { makeBackground } from "../../ui/background.js";
import { fill, fillWords, find, write } from "../../ui/dom.js";
import { makeForm } from "../../ui/form.js";
import { makePipeline } from "../../ui/pipeline.js";
import { words as all } from "../../words/index.js";
import { makePlayer } from "../../ui/player.js";
import { DRAWS } from "./compute.js";
import { makeCurve } from "./curve.js";
import { makeFigures } from "./figures.js";
import { picturesOf } from "./pictures.js";
import { makePointable } from "./point.js";
import { reportExcess, reportPoint } from "./report.js";
import { INITIAL, change, checkView, choicesOf, pipelineCommand, place } from "./view.js";
import { makeWork } from "./work.js";

const words = all.field;
const STEPS = 100; // of the slider, from t = 1 to 0

/**
 * @param {HTMLElement} panel
 * @param {import("../../lib/diffusion/load.js").Diffusion} diffusion
 */
export function fieldPanel(panel, diffusion) {
  fillWords(panel, words);
  write(find(panel, ".excess-note", HTMLElement), fill(words.excessNote, { DRAWS }));
  find(panel, ".own-note", HTMLElement).hidden = diffusion.square;
  const figures = makeFigures(panel, diffusion.square);
  const curve = makeCurve(find(panel, ".chart", HTMLElement));
  const pipeline = makePipeline(panel, words.noPipeline);
  const { sigma } = diffusion.schedules.exponential;
  const work = makeWork(diffusion, sigma);
  const background = makeBackground(paint);
  const player = makePlayer(panel, words.time, (step) => {
    form.set({ ...form.view(), t: (STEPS - step) / STEPS });
  });
  const form = makeForm(panel, {
    prefix: "field.",
    initial: INITIAL,
    choices: choicesOf(diffusion.classes),
    check: (view) => checkView(view, diffusion),
    change,
    show,
  });

  /** @param {import("./view.js").View} view */
  function show(view) {
    player.put(Math.round(STEPS * (1 - view.t)), STEPS);
    player.say(fill(words.level, { T: view.t.toFixed(2), SIGMA: sigma(view.t).toFixed(3) }));
    figures.caption(/** @type {"density" | "norm"} */ (view.heat));
    pipeline(pipelineCommand(view));
    const job = work.want(view);
    if (job) background.run(job);
    else paint();
  }

  /** Shows what has been computed, which may be of the view before while that of a new one is. */
  function paint() {
    const view = form.view();
    const { fields, field, levels, t, current } = work.state();
    /** @type {[number, number]} */
    const point = [view.x, view.y];
    const at = fields.at(...point, sigma(view.t));
    reportPoint(panel, at, sigma(view.t));
    reportExcess(panel, current && field ? field.total : null);
    if (!field) return;
    const denoised = [at.eps, at.epsExact].map((eps) => toward(point, eps, sigma(view.t)));
    figures.draw(picturesOf(field, view.heat), point, [...denoised, null]);
    curve.show(levels, { t, excess: field.total.mean }, work.complete());
  }

  for (const canvas of figures.planes) {
    makePointable(
      canvas,
      () => [form.view().x, form.view().y],
      (x, y) => form.set({ ...form.view(), x: place(x), y: place(y) }),
    );
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    curve.forget();
    paint();
  });
  form.start();
}

/** The denoised point. @type {(x: [number, number], eps: Float64Array, s: number) => [number, number]} */
function toward([x, y], eps, sigma) {
  return [x - sigma * eps[0], y - sigma * eps[1]];
}
