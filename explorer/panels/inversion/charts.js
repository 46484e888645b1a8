/**
 * Loss and matches by iteration, of the vectors and of their nearest tokens.
 *
 * @typedef {import("../../lib/gpt/inversion.js").State} State
 * @typedef {"cosine" | "distance"} By
 */
import { chart } from "../../ui/chart.js";
import { find } from "../../ui/dom.js";
import { colourOf } from "../../ui/plane.js";
import { inversion as words } from "../../words/inversion.js";

const NOW = "now"; // the signal that moves the mark of the iteration that is shown

const DASHES = [
  [1, 0],
  [6, 3],
];

/** @param {HTMLElement} panel */
export function makeCharts(panel) {
  /** @type {any[]} */
  let views = [];
  let latest = 0; // of the calls of `draw`, some of which may still wait for Vega
  let step = 0;

  /** @param {any} view */
  const mark = (view) => view.signal(NOW, step).runAsync();

  return {
    /**
     * Draws all recorded iterations.
     *
     * @param {State[]} states
     * @param {By} by
     */
    async draw(states, by) {
      const mine = ++latest;
      const charts = /** @type {const} */ ([
        ["matches", words.matchesAxis, words.matchesChart],
        ["loss", words.lossAxis, words.lossChart],
      ]);
      const made = await Promise.all(
        charts.map(([key, axis, label]) => {
          const element = find(panel, `.${key}-chart`, HTMLElement);
          const most = key === "matches" ? states[0][by].ids.length : undefined;
          return chart(element, spec(element, states, { by, key, axis, step, most }), label);
        }),
      );
      if (mine !== latest) return;
      views = made;
      views.forEach(mark);
    },

    /** Marks another iteration. @param {number} next */
    mark(next) {
      step = next;
      views.forEach(mark);
    },
  };
}

/**
 * @param {HTMLElement} element
 * @param {State[]} states
 * @param {{ by: By, key: "matches" | "loss", axis: string, step: number, most?: number }} options
 */
function spec(element, states, { by, key, axis, step, most }) {
  const colour = (/** @type {string} */ name) => colourOf(element, name).trim();
  const series = words.series;
  const values = states.flatMap((state) => [
    { step: state.step, value: state.vectors[key], of: series.vectors },
    { step: state.step, value: state[by].output[key], of: series.nearest },
  ]);
  const domain = [series.vectors, series.nearest];
  const x = {
    type: "quantitative",
    title: words.iteration,
    scale: { domain: [0, states[states.length - 1].step] },
    axis: { grid: false, tickCount: 6 },
  };
  const legend = { title: null, symbolType: "stroke", labelFontSize: 12, symbolSize: 300 };
  const scale = most === undefined ? { zero: true } : { domain: [0, most] };
  return {
    height: 180,
    params: [{ name: NOW, value: step }],
    layer: [
      {
        data: { values: [{}] },
        mark: { type: "rule", color: colour("--quiet"), strokeWidth: 2 },
        encoding: { x: { ...x, datum: { expr: NOW } } },
      },
      {
        data: { values },
        mark: { type: "line", interpolate: key === "matches" ? "step-after" : "linear" },
        encoding: {
          x: { ...x, field: "step" },
          y: { field: "value", type: "quantitative", title: axis, scale, axis: { tickMinStep: 1 } },
          color: {
            field: "of",
            scale: { domain, range: [colour("--dot"), colour("--chosen")] },
            legend,
          },
          strokeDash: { field: "of", scale: { domain, range: DASHES }, legend },
        },
      },
    ],
  };
}
