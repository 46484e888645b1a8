/**
 * The panel "Classes and guidance": a class sampled with classifier-free guidance, by the network and
 * by the exact denoiser, beside the distribution that this is commonly thought to sample.
 */
import { makeBackground } from "../../ui/background.js";
import { fill, fillWords, find, write } from "../../ui/dom.js";
import { makeForm } from "../../ui/form.js";
import { makePipeline } from "../../ui/pipeline.js";
import { makePlayer } from "../../ui/player.js";
import { words as all } from "../../words/index.js";
import { makePicture } from "./picture.js";
import { makeSampling } from "./sampling.js";
import {
  INITIAL,
  MOST_SEED,
  choicesOf,
  makeCheck,
  pipelineCommand,
  stepOf,
  timeOf,
} from "./view.js";

const words = all.guidance;

/**
 * @param {HTMLElement} panel
 * @param {import("../../lib/diffusion/load.js").Diffusion} diffusion
 */
export function guidancePanel(panel, diffusion) {
  fillWords(panel, words);
  const { square, regions } = diffusion;
  write(find(panel, ".about", HTMLElement), square ? words.note : `${words.note} ${words.own}`);
  const slider = find(panel, "[name=w]", HTMLInputElement);
  const weight = find(panel, ".weight output", HTMLOutputElement);
  const pipeline = makePipeline(panel, words.noPipeline);
  const sampling = makeSampling(diffusion);
  const { conditional, exact } = all.common.models;
  const pictures = [
    { name: "network", title: conditional, subtitle: words.guided },
    { name: "exact", title: exact, subtitle: words.guided },
    { name: "tilted", title: words.tilted, subtitle: words.formula },
  ].map(({ name, ...titles }) =>
    makePicture(
      find(panel, `figure.${name}`, HTMLElement),
      { ...titles, regions, square },
      chooseClass,
    ),
  );

  const background = makeBackground(() => {
    paint();
    const label = Number(form.view().class);
    sampling.pictures().forEach((states, i) => {
      pictures[i].measure(states[states.length - 1], label);
    });
  });

  const player = makePlayer(panel, words.time, showStep);
  const form = makeForm(panel, {
    prefix: "guidance.",
    initial: INITIAL,
    choices: choicesOf(diffusion),
    check: makeCheck(diffusion),
    show,
  });

  /** As if by the control, which refuses a class without points. @param {number} label */
  function chooseClass(label) {
    const select = find(panel, "[name=class]", HTMLSelectElement);
    select.value = String(label);
    select.dispatchEvent(new Event("change"));
  }

  /** @param {number} step that the slider has */
  function showStep(step) {
    for (const picture of pictures) picture.forget();
    const view = form.view();
    form.keep({ ...view, t: timeOf(step, view.steps) });
    paint();
  }

  function paint() {
    const view = form.view();
    const step = stepOf(view);
    const values = {
      T: (1 - step / view.steps).toFixed(2),
      SIGMA: sampling.sigma(step).toFixed(3),
    };
    player.say(fill(words.level, values));
    sampling.pictures().forEach((states, i) => {
      pictures[i].draw(states[step], Number(view.class));
    });
  }

  /** Shows a view, all of it computed anew. @param {import("./view.js").View} view */
  function show(view) {
    player.put(stepOf(view), view.steps);
    weight.value = String(view.w);
    slider.setAttribute("aria-valuetext", String(view.w)); // which may be beyond the slider's end
    pipeline(pipelineCommand(view, diffusion));
    for (const picture of pictures) picture.restart(view);
    background.run(sampling.update(view));
  }

  find(panel, ".redraw", HTMLButtonElement).addEventListener("click", () => {
    form.set({ ...form.view(), seed: (form.view().seed + 1) % (MOST_SEED + 1) });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  form.start();
}
