/**
 * The values of log p at the probe, a row for each label, computed in slices.
 *
 * As in stages/diffusion/likelihood.py: all with the noise sigma_0 of t = 0; the matched prior is
 * that of the label; the flow takes 100 Runge-Kutta steps.
 *
 * @typedef {import("../../lib/diffusion/load.js").Diffusion} Diffusion
 * @typedef {import("../../lib/diffusion/elbo.js").Elbo} Elbo
 * @typedef {import("./view.js").View} View
 * @typedef {object} Row
 * @property {string} label "any", or a class
 * @property {number} truth NaN for a class without points
 * @property {number} flow NaN while it is not known
 * @property {Elbo[]} elbo the estimates so far, the last of which has all draws
 */
import { elbo } from "../../lib/diffusion/elbo.js";
import { flowLogDensitySteps } from "../../lib/diffusion/flow_density.js";
import { STANDARD, matchedPrior } from "../../lib/diffusion/prior.js";
import { makeRandom } from "../../lib/random.js";
import { labelsOf } from "./view.js";

const BATCH = 256;

/** @type {(label: string) => number | null} */
export const numberOf = (label) => (label === "any" ? null : Number(label));

/** @param {Diffusion} diffusion */
export function makeEstimates({ denoisers, schedules, truthOf, classes, labels }) {
  const trained = schedules.exponential;
  const known = new Set(labels);
  /** @type {Row[]} */
  let rows = [];

  /** Whether a label has a truth: a class without points has none. @param {string} label */
  const exists = (label) => label === "any" || known.has(Number(label));

  /** @param {View} view */
  function* job({ x, y, model, prior, time, steps, draws, seed, label: shown }) {
    const point = Float64Array.of(x, y);
    const denoiser = denoisers[model];
    // the one in the chart first
    const todo = rows.filter(({ label }) => exists(label));
    todo.sort((a, b) => Number(b.label === shown) - Number(a.label === shown));
    const optionsOf = (/** @type {string} */ name) => {
      const label = numberOf(name);
      return {
        label,
        prior: prior === "matched" ? matchedPrior(truthOf(label), trained.sigma(1)) : STANDARD,
      };
    };
    for (const row of todo) {
      row.flow = (yield* flowLogDensitySteps(point, denoiser, trained, optionsOf(row.label)))[0];
    }
    const running = todo.map((row) =>
      elbo(point, denoiser, trained, {
        ...optionsOf(row.label),
        random: makeRandom(seed), // the same draws for each label, which makes them comparable
        steps: time === "steps" ? steps : null,
        batch: BATCH,
      }),
    );
    for (let done = 0; done < Number(draws); done += BATCH) {
      for (const [i, row] of todo.entries()) {
        row.elbo.push(running[i].next().value);
        yield;
      }
    }
  }

  return {
    rows: () => rows,

    /**
     * Takes a view, with its truths; gives the work that the rest needs.
     *
     * @param {View} view
     */
    update(view) {
      const point = Float64Array.of(view.x, view.y);
      rows = labelsOf(view, classes).map((label) => {
        const truth = exists(label)
          ? truthOf(numberOf(label)).logDensity(point, trained.sigma(0))[0]
          : NaN;
        return { label, truth, flow: NaN, elbo: [] };
      });
      return job(view);
    },
    exists,
  };
}
