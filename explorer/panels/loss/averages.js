/**
 * Averages at the view's t, and against t, computed in slices.
 *
 * @typedef {import("../../lib/diffusion/load.js").Diffusion} Diffusion
 * @typedef {import("../../lib/diffusion/loss.js").Averages} Averages
 * @typedef {import("./view.js").View} View
 */
import { averageErrors, samplerOf } from "../../lib/diffusion/loss.js";
import { makeRandom } from "../../lib/random.js";

const LEVELS = 25; // even in t, as in evaluate_diffusion

/** @param {Diffusion} diffusion */
export function makeAverages(diffusion) {
  const { denoisers, schedules } = diffusion;
  const sample = samplerOf(diffusion);
  /** @type {{ t: number, averages: Averages }[]} */
  let curve = [];
  let from = ""; // what `curve` was made from
  let working = ""; // what the last work is for
  /** @type {Averages | null} */
  let here = null;

  /**
   * @param {View} view
   * @param {number} t
   * @param {(averages: Averages) => void} take
   */
  function* average({ model, seed, draws }, t, take) {
    const sigma = schedules.exponential.sigma(t);
    // the same points and noise at every t, so that the curve is smooth
    const running = averageErrors(
      denoisers[model],
      denoisers.exact,
      sigma,
      makeRandom(seed),
      sample,
    );
    let averages = running.next().value;
    while (averages.draws < Number(draws)) {
      take(averages);
      yield;
      averages = running.next().value;
    }
    take(averages);
    yield;
  }

  /** @param {View} view */
  function* job(view) {
    yield* average(view, view.t, (averages) => (here = averages));
    while (curve.length < LEVELS) {
      const t = curve.length / (LEVELS - 1);
      /** @type {Averages | null} */
      let last = null;
      yield* average(view, t, (averages) => (last = averages));
      if (last) curve = [...curve, { t, averages: last }];
    }
  }

  return {
    here: () => here,
    curve: () => curve,

    /**
     * Takes a view; gives the work that it needs, or null if the last work is right for it, too:
     * averages do not depend on the point and the noise that are shown.
     *
     * @param {View} view
     */
    update(view) {
      const all = JSON.stringify([view.model, view.seed, view.draws, view.t]);
      if (all === working) return null;
      working = all;
      here = null;
      const next = JSON.stringify([view.model, view.seed, view.draws]);
      if (next !== from) curve = [];
      from = next;
      return job(view);
    },
  };
}
