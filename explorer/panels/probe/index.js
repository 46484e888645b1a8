/**
 * The panel "A probe of log p": anywhere in the plane, by the truth, the ELBO and the flow.
 */
import { classOf } from "../../lib/diffusion/regions.js";
import { makeBackground } from "../../ui/background.js";
import { fill, fillWords, find, write } from "../../ui/dom.js";
import { makeForm } from "../../ui/form.js";
import { makeLiveChart } from "../../ui/live_chart.js";
import { makePipeline } from "../../ui/pipeline.js";
import { makePlacing, rounded } from "../../ui/placing.js";
import { CLOSE, showPart } from "../../ui/plane.js";
import { words as all } from "../../words/index.js";
import { datasetsOf, specOf } from "./chart.js";
import { draw, makeDensities, makeGround } from "./draw.js";
import { makeEstimates, numberOf } from "./estimates.js";
import { nameOf, showTable, showVerdict } from "./table.js";
import { INITIAL, change, checkView, choicesOf, labelsOf, pipelineCommand } from "./view.js";

const words = all.probe;
const FIRST = 1024; // draws from which on there is a chart

/**
 * @param {HTMLElement} panel
 * @param {import("../../lib/diffusion/load.js").Diffusion} diffusion
 */
export function probePanel(panel, diffusion) {
  fillWords(panel, words);
  const { classes, regions, square } = diffusion;
  const canvas = find(panel, "canvas", HTMLCanvasElement);
  const pause = find(panel, ".pause", HTMLButtonElement);
  const place = find(panel, ".chart", HTMLElement);
  const element = (/** @type {string} */ name) => find(panel, `.${name}`, HTMLElement);
  const truth = square ? words.truth : words.ownTruth;
  write(element("truth-name"), truth);
  if (square) showPart(canvas, CLOSE);
  const estimates = makeEstimates(diffusion);
  const densities = makeDensities(canvas, diffusion.truthOf);
  const ground = makeGround(canvas);
  const showChart = makeLiveChart(place, () => specOf(place, truth));
  const pipeline = makePipeline(panel, words.noPipeline);
  const background = makeBackground(report);
  /** @type {Generator<void, void, void>} */
  let job;
  let paused = false;
  let charted = 0; // draws in the chart

  const form = makeForm(panel, {
    prefix: "probe.",
    initial: INITIAL,
    choices: choicesOf(classes),
    check: (view) => checkView(view, classes),
    change,
    show,
  });

  /** @param {import("./view.js").View} view */
  function show(view) {
    find(panel, "[name=steps]", HTMLInputElement).disabled = view.time !== "steps";
    write(element("caption"), fill(words.caption, { LABEL: nameOf(view.label) }));
    element("no-points").hidden = labelsOf(view, classes).every(estimates.exists);
    pipeline(pipelineCommand(view, classes));
    const rest = estimates.update(view);
    job = (function* () {
      if (estimates.exists(view.label)) yield* densities.compute(numberOf(view.label));
      yield* rest;
    })();
    charted = 0;
    run(true);
  }

  /** @param {boolean} on */
  function run(on) {
    paused = !on;
    write(pause, on ? words.pause : words.resume);
    background.run(on ? job : nothing());
  }

  /** Shows what is known so far. */
  function report() {
    const view = form.view();
    const rows = estimates.rows();
    const right = classOf(regions, view.x, view.y);
    draw(canvas, ground(densities.get(numberOf(view.label))), regions, right, [view.x, view.y]);
    showTable(element("probe-rows"), rows, view.label, right, estimates.exists);
    showVerdict(element("verdict"), rows, right);
    const done = rows.map(({ elbo }) => elbo.at(-1)?.draws ?? 0);
    const least = Math.min(...done.filter((_, i) => estimates.exists(rows[i].label)));
    const counts = [least, Number(view.draws)].map((n) => n.toLocaleString("en"));
    write(element("draws"), fill(words.drawsSoFar, { DRAWS: counts[0], BOUND: counts[1] }));
    pause.disabled = least === Number(view.draws);

    const row = rows.find(({ label }) => label === view.label);
    const draws = row?.elbo.at(-1)?.draws ?? 0;
    // not yet while the probe is dragged, then each time they double, which the eye can see
    if (!row || (draws < Math.max(2 * charted, FIRST) && draws < Number(view.draws))) return;
    if (draws === charted) return;
    charted = draws;
    const label = fill(words.chart, { LABEL: nameOf(view.label) });
    write(element("chart-title"), label);
    showChart(datasetsOf(row, truth, Number(view.draws)), label);
  }

  makePlacing(canvas, {
    at: () => [form.view().x, form.view().y],
    place: (x, y) => form.set({ ...form.view(), x: rounded(x), y: rounded(y) }),
  });
  pause.addEventListener("click", () => run(paused));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", report);
  form.start();
}

/** @returns {Generator<void, void, void>} */
function* nothing() {}
