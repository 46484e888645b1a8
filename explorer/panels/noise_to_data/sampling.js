/**
 * The two sides of a view, from the same noise, and where their flows really end.
 *
 * @typedef {import("../../lib/diffusion/load.js").Diffusion} Diffusion
 * @typedef {import("./side.js").Side} Side
 * @typedef {import("./view.js").View} View
 */
import { STANDARD, matchedPrior, transform } from "../../lib/diffusion/prior.js";
import { makeRandom } from "../../lib/random.js";
import { converge, makeSide } from "./side.js";

export const REFERENCES = 300; // points at most whose true end is computed

/** @param {Diffusion} diffusion */
export function makeSampling({ denoisers, schedules, truthOf }) {
  const trained = schedules.exponential;
  let start = new Float64Array(0);
  let noise = ""; // what `start` was made from
  /** @type {Map<string, Float64Array>} */
  const ends = new Map(); // by model, kept while the start stays
  /** @type {Side[]} */
  let sides = [];
  /** @type {View} */
  let view;

  function begin() {
    const { n, prior, seed, moved } = view;
    const from = JSON.stringify([n, prior, seed, moved]);
    if (from === noise) return;
    noise = from;
    ends.clear();
    const chosen = prior === "matched" ? matchedPrior(truthOf(null), trained.sigma(1)) : STANDARD;
    start = transform(chosen, makeRandom(seed).normals(2 * n));
    for (const [i, x, y] of moved) start.set([x, y], 2 * i);
  }

  function* job() {
    const samplings = sides.map((side) => side.sample());
    while (samplings.map((sampling) => sampling.next().done).includes(false)) yield;
    yield* references();
  }

  function* references() {
    if (view.eta > 0) return;
    for (const model of [view.left, view.right]) {
      const found = ends.get(model) ?? new Float64Array(2 * Math.min(view.n, REFERENCES)).fill(NaN);
      ends.set(model, found);
      yield* converge(denoisers[model], trained, start, found);
    }
  }

  return {
    /**
     * Takes a view; gives the work that it needs.
     *
     * @param {View} next
     */
    update(next) {
      view = next;
      begin();
      const { steps, eta, seed } = view;
      sides = [
        [view.left, view.leftSolver],
        [view.right, view.rightSolver],
      ].map(([model, solver]) =>
        makeSide(denoisers[model], schedules[view.schedule], start, { solver, steps, eta, seed }),
      );
      return job();
    },

    /**
     * Moves the start of a point, at once, and gives the work that remains.
     *
     * @param {View} next differs from the last view in this point only
     * @param {number} i
     */
    move(next, i) {
      view = next;
      const [, x, y] = /** @type {number[]} */ (view.moved.find(([j]) => j === i));
      start.set([x, y], 2 * i);
      noise = JSON.stringify([view.n, view.prior, view.seed, view.moved]);
      for (const side of sides) side.follow(i);
      for (const found of ends.values())
        if (2 * i < found.length) found.fill(NaN, 2 * i, 2 * i + 2);
      return job();
    },

    start: () => start,
    sides: () => sides,
    ends: (/** @type {string} */ model) => ends.get(model),
  };
}
