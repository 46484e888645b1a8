/**
 * The panel "From noise to data": two samplers side by side, from the same noise.
 */
import { makeBackground } from "../../ui/background.js";
import { fill, fillWords, find, write } from "../../ui/dom.js";
import { makeForm } from "../../ui/form.js";
import { makePipeline } from "../../ui/pipeline.js";
import { makePlayer } from "../../ui/player.js";
import { words as all } from "../../words/index.js";
import { makeDraggable } from "./drag.js";
import { draw } from "./draw.js";
import { makeReport } from "./report.js";
import { makeSampling } from "./sampling.js";
import { CHOICES, INITIAL, MOVED, change, checkView, pipelineCommand, place } from "./view.js";

const words = all.noiseToData;

/**
 * @param {HTMLElement} panel
 * @param {import("../../lib/diffusion/load.js").Diffusion} diffusion
 */
export function noiseToData(panel, diffusion) {
  addSides(panel);
  fillWords(panel, words);
  const canvases = [...panel.querySelectorAll("canvas")];
  const sampling = makeSampling(diffusion);
  const report = makeReport(panel, sampling, diffusion.square);
  const pipeline = makePipeline(panel, words.noPipeline);
  const background = makeBackground(() => {
    paint();
    report.numbers(form.view());
  });

  const player = makePlayer(panel, words.time, showStep);
  const form = makeForm(panel, {
    prefix: "",
    initial: INITIAL,
    choices: CHOICES,
    formats: { moved: MOVED },
    check: checkView,
    change,
    show,
  });

  /** @param {number} step that the slider has */
  function showStep(step) {
    form.keep({ ...form.view(), step });
    paint();
  }

  function paint() {
    const { step, steps, schedule, point } = form.view();
    const t = 1 - step / steps;
    const sigma = diffusion.schedules[schedule].sigma(t).toFixed(3);
    player.say(fill(words.level, { T: t.toFixed(2), SIGMA: sigma }));
    sampling.sides().forEach(({ states }, i) => {
      draw(canvases[i], states, step, point, diffusion.square);
    });
  }

  /** Shows a view, all of it computed anew. @param {import("./view.js").View} view */
  function show(view) {
    player.put(view.step, view.steps);
    /** @type {Record<string, string>[]} */
    const [models, solvers] = [all.common.models, words.solvers];
    const sides = [
      [words.left, view.left, view.leftSolver],
      [words.right, view.right, view.rightSolver],
    ];
    sides.forEach(([side, model, solver], i) => {
      const values = { SIDE: side, MODEL: models[model], SOLVER: solvers[solver] };
      canvases[i].setAttribute("aria-label", fill(words.canvas, values));
    });
    pipeline(pipelineCommand(view));
    background.run(sampling.update(view));
  }

  canvases.forEach((canvas, side) => {
    makeDraggable(canvas, {
      shown: () => sampling.sides()[side].states[form.view().step],
      start: sampling.start,
      chosen: () => form.view().point,
      choose(i) {
        form.keep({ ...form.view(), point: i });
        paint();
        report.numbers(form.view());
      },
      move(i, x, y) {
        const { moved, ...view } = form.view();
        const others = moved.filter(([j]) => j !== i);
        form.keep({ ...view, moved: [...others, [i, place(x), place(y)]] });
        background.run(sampling.move(form.view(), i));
      },
    });
  });
  find(panel, ".redraw", HTMLButtonElement).addEventListener("click", () => {
    form.set({ ...form.view(), seed: form.view().seed + 1, moved: [] });
  });
  find(panel, ".reset", HTMLButtonElement).addEventListener("click", () => {
    form.set({ ...form.view(), moved: [] });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  form.start();
}

/** Makes both sides' elements, from the panel's template. @param {HTMLElement} panel */
function addSides(panel) {
  const { content } = find(panel, "template", HTMLTemplateElement);
  for (const side of /** @type {const} */ (["left", "right"])) {
    const copy = document.importNode(content, true);
    find(copy, "canvas", HTMLCanvasElement).className = side;
    find(copy, ".model", HTMLSelectElement).name = side;
    find(copy, ".solver", HTMLSelectElement).name = `${side}Solver`;
    write(find(copy, ".side", HTMLElement), words[side]);
    find(panel, ".side-by-side", HTMLElement).append(copy);
  }
}
