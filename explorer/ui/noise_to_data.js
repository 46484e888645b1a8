/**
 * The panel "From noise to data": two samplers side by side, from the same noise.
 *
 * @typedef {import("./diffusion/view.js").View} View
 */
import { makeBackground } from "./diffusion/background.js";
import { fillWords, makeControls } from "./diffusion/controls.js";
import { makeDraggable } from "./diffusion/drag.js";
import { draw } from "./diffusion/draw.js";
import { makePlayer } from "./diffusion/player.js";
import { makeCopy, makeReport } from "./diffusion/report.js";
import { makeSampling } from "./diffusion/sampling.js";
import { DEFAULT, checkView, fromFragment, place, toFragment } from "./diffusion/view.js";
import { diffusionWords as words, fill } from "./words_diffusion.js";

const SETTLED = 250; // ms without a change, after which the link is written

/** @param {import("../lib/diffusion/load.js").Diffusion} diffusion */
export function noiseToData(diffusion) {
  const panel = /** @type {HTMLElement} */ (document.getElementById("noise-to-data"));
  const find = (/** @type {string} */ name) => /** @type {any} */ (panel.querySelector(`.${name}`));
  const canvases = [...panel.querySelectorAll("canvas")];
  /** @type {HTMLInputElement} */
  const time = find("time");
  const schedules = diffusion.schedules;
  const sampling = makeSampling(diffusion);
  const report = makeReport(panel, sampling, diffusion.square);
  const background = makeBackground(() => {
    paint();
    report.numbers(view);
  });
  let view = DEFAULT;
  let settling = 0;

  /** Shows the step that the slider has. */
  function show() {
    view = { ...view, step: Number(time.value) };
    paint();
    if (!player.playing()) remember();
  }

  function paint() {
    const t = 1 - view.step / view.steps;
    const sigma = schedules[view.schedule].sigma(t).toFixed(3);
    find("level").value = fill(words.level, { T: t.toFixed(2), SIGMA: sigma });
    sampling.sides().forEach(({ states }, i) => {
      draw(canvases[i], states, view.step, view.point, diffusion.square);
    });
  }

  /** Writes the view into the address, at leisure: browsers limit how often that is done. */
  function remember() {
    clearTimeout(settling);
    settling = setTimeout(() => {
      const fragment = toFragment(location.hash, view);
      if (fragment !== location.hash.slice(1)) history.replaceState(null, "", `#${fragment}`);
    }, SETTLED);
  }

  /** Shows another view, all of it computed anew. @param {View} next */
  function start(next) {
    view = next;
    controls.write(view);
    time.max = String(view.steps);
    time.value = String(view.step);
    /** @type {Record<string, string>[]} */
    const [models, solvers] = [words.models, words.solvers];
    const sides = [
      [words.left, view.left, view.leftSolver],
      [words.right, view.right, view.rightSolver],
    ];
    sides.forEach(([side, model, solver], i) => {
      const values = { SIDE: side, MODEL: models[model], SOLVER: solvers[solver] };
      canvases[i].setAttribute("aria-label", fill(words.canvas, values));
    });
    report.pipeline(view);
    remember();
    background.run(sampling.update(view));
  }

  const controls = makeControls(panel, (changes) => {
    const n = changes.n ?? view.n;
    const steps = changes.steps ?? view.steps;
    const step = Math.round((view.step / view.steps) * steps) || 0; // the same time
    const moved = view.moved.filter(([i]) => i < n);
    const point = view.point < n ? view.point : -1;
    try {
      start(checkView({ ...view, step, moved, point, ...changes }));
      report.message("");
    } catch (error) {
      controls.mark(Object.keys(changes));
      refuse(error);
    }
  });

  /** Says what is wrong with input; other errors are thrown on. @param {unknown} error */
  function refuse(error) {
    if (!(error instanceof RangeError)) throw error;
    report.message(fill(words.wrong, { SENTENCE: error.message }));
  }

  function reopen() {
    let next = view;
    try {
      next = fromFragment(location.hash);
      report.message("");
    } catch (error) {
      refuse(error);
    }
    player.pause();
    start(next);
  }

  const player = makePlayer(find("play"), time, show);
  canvases.forEach((canvas, side) => {
    makeDraggable(canvas, {
      shown: () => sampling.sides()[side].states[view.step],
      start: sampling.start,
      chosen: () => view.point,
      choose(i) {
        view = { ...view, point: i };
        paint();
        remember();
        report.numbers(view);
      },
      move(i, x, y) {
        const moved = [...view.moved.filter(([j]) => j !== i), [i, place(x), place(y)]];
        view = /** @type {View} */ ({ ...view, moved });
        remember();
        background.run(sampling.move(view, i));
      },
    });
  });
  find("redraw").addEventListener("click", () =>
    start({ ...view, seed: view.seed + 1, moved: [] }),
  );
  find("reset").addEventListener("click", () => start({ ...view, moved: [] }));
  makeCopy(find("copy"), find("command"), find("copied"));
  addEventListener("hashchange", reopen);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  fillWords(panel);
  reopen();
}
