/**
 * The panel "What the loss measures": one draw of the loss, and what is irreducible in it.
 *
 * @typedef {import("./view.js").View} View
 */
import { errorsOf } from "../../lib/diffusion/loss.js";
import { makeRandom } from "../../lib/random.js";
import { makeBackground } from "../../ui/background.js";
import { fillWords, find } from "../../ui/dom.js";
import { makeForm } from "../../ui/form.js";
import { makePipeline } from "../../ui/pipeline.js";
import { makePlacing, rounded } from "../../ui/placing.js";
import { CLOSE, REACH, reachOf, showPart } from "../../ui/plane.js";
import { words as all } from "../../words/index.js";
import { makeAverages } from "./averages.js";
import { draw } from "./draw.js";
import { makeReport } from "./report.js";
import * as views from "./view.js";

const words = all.loss;
const NEAR = 0.08; // of x_0, as a part of the picture, a press takes it; anywhere else, x_t
const ZOOM = 4; // standard deviations of the noise around x_0

/**
 * @param {HTMLElement} panel
 * @param {import("../../lib/diffusion/load.js").Diffusion} diffusion
 */
export function lossPanel(panel, diffusion) {
  fillWords(panel, words);
  const { denoisers, points, square } = diffusion;
  const canvas = find(panel, "canvas", HTMLCanvasElement);
  const averages = makeAverages(diffusion);
  const report = makeReport(panel);
  const pipeline = makePipeline(panel, words.noPipeline);
  const background = makeBackground(() => {
    report.averages(averages.here(), averages.curve(), form.view().t);
  });

  const form = makeForm(panel, {
    prefix: "loss.",
    initial: views.INITIAL,
    choices: views.CHOICES,
    check: views.checkView,
    change: (view, changes) => views.change(view, changes, points),
    show,
  });

  const sigma = () => diffusion.schedules.exponential.sigma(form.view().t);

  /** @returns {[number, number]} x_t */
  const noisy = () => {
    const { x, y, ex, ey } = form.view();
    return [x + sigma() * ex, y + sigma() * ey];
  };

  /** @param {View} view */
  function show(view) {
    pipeline(views.pipelineCommand(view));
    const work = averages.update(view);
    if (work) background.run(work);
    paint();
  }

  /** The picture and the numbers of this draw. */
  function paint() {
    const { x, y, ex, ey, model, handle, zoom } = form.view();
    const [level, at] = [sigma(), noisy()];
    const far = square ? CLOSE : REACH;
    if (!zoom) showPart(canvas, far);
    // while x_0 is dragged, the plane stays under the pointer
    else if (!placing.dragging()) showPart(canvas, Math.min(far, ZOOM * level), [x, y]);
    const [network, exact] = [model, "exact"].map((name) =>
      denoisers[name](Float64Array.from(at), level, null),
    );
    const denoised = (/** @type {Float64Array} */ eps) =>
      /** @type {[number, number]} */ ([at[0] - level * eps[0], at[1] - level * eps[1]]);
    const ends = { network: denoised(network), exact: denoised(exact) };
    draw(canvas, { data: [x, y], noisy: at, ...ends, sigma: level, points, square, handle });
    report.draw(level, errorsOf(Float64Array.of(ex, ey), network, exact));
  }

  const placing = makePlacing(canvas, {
    at: () => (form.view().handle === "data" ? [form.view().x, form.view().y] : noisy()),
    take([x, y]) {
      const view = form.view();
      const [toData, toNoisy] = [[view.x, view.y], noisy()].map(
        (point) => Math.hypot(point[0] - x, point[1] - y) / reachOf(canvas),
      );
      // where there is hardly any noise, x_t lies on x_0: then the one that was moved last stays
      if (Math.max(toData, toNoisy) < NEAR) return;
      form.keep({ ...view, handle: toData < Math.min(NEAR, toNoisy) ? "data" : "noise" });
    },
    place(x, y) {
      const view = form.view();
      if (view.handle === "data") form.set(views.withData(view, [x, y], points));
      else form.set(views.withNoisy(view, [x, y], sigma()));
    },
    release: paint,
  });
  canvas.addEventListener("keydown", (event) => {
    const view = form.view();
    const step = { PageDown: 1, PageUp: -1 }[event.key];
    if (event.key === "Enter") {
      form.set({ ...view, handle: view.handle === "data" ? "noise" : "data" });
    } else if (step) toTraining(views.nearest(points, [view.x, view.y]) + step);
    else return;
    event.preventDefault();
  });

  /** Puts x_0 on a training point. @param {number} i */
  function toTraining(i) {
    const from = 2 * ((i + points.length / 2) % (points.length / 2));
    const [x, y] = points.subarray(from, from + 2);
    form.set({ ...form.view(), x: rounded(x), y: rounded(y) });
  }

  const random = makeRandom(Date.now() % 2 ** 32); // what it draws is in the link
  find(panel, ".redraw", HTMLButtonElement).addEventListener("click", () => {
    const [ex, ey] = random.normals(2).map((value) => rounded(value));
    form.set({ ...form.view(), ex, ey });
  });
  find(panel, ".another", HTMLButtonElement).addEventListener("click", () => {
    toTraining(Math.floor((random.uniform() * points.length) / 2));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  form.start();
}
