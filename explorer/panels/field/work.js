/**
 * What the panel computes in the background: the field that is wanted, then the excess at all levels.
 *
 * @typedef {import("./compute.js").Field} Field
 * @typedef {import("./view.js").View} View
 */
import { LEVELS, makeFields } from "./compute.js";
import { labelOf } from "./view.js";

/**
 * @param {import("../../lib/diffusion/load.js").Diffusion} diffusion
 * @param {(t: number) => number} sigma
 */
export function makeWork(diffusion, sigma) {
  /** @type {Map<string, { fields: ReturnType<typeof makeFields>, levels: import("./curve.js").Level[] }>} */
  const models = new Map(); // by model and class
  let wanted = { key: "", t: NaN };
  let shown = { ...wanted, field: /** @type {Field | null} */ (null) };
  let running = false;

  const of = (/** @type {string} */ key) =>
    /** @type {NonNullable<ReturnType<typeof models.get>>} */ (models.get(key));
  const isCurrent = () => shown.key === wanted.key && shown.t === wanted.t;
  const isComplete = () => of(wanted.key).levels.length === LEVELS;

  /** Takes up another wish when the last field is complete: else dragging would never show one. */
  function* job() {
    while (!isCurrent() || !isComplete()) {
      const { key, t } = wanted;
      const { fields, levels } = of(key);
      if (!isCurrent()) {
        shown = { key, t, field: yield* fields.field(sigma(t)) };
        continue;
      }
      const next = levels.length / (LEVELS - 1);
      const excess = yield* fields.excess(sigma(next));
      levels.push({ t: next, excess: excess.mean });
    }
    running = false;
  }

  return {
    /**
     * @param {View} view
     * @returns {Generator<void, void, void> | null} the work to begin, if there is none yet
     */
    want(view) {
      const key = `${view.model} ${view.label}`;
      if (!models.has(key)) {
        const fields = makeFields(diffusion, view.model, labelOf(view));
        models.set(key, { fields, levels: [] });
      }
      wanted = { key, t: view.t };
      if (running || (isCurrent() && isComplete())) return null;
      running = true;
      return job();
    },

    /** Of the view that is wanted; the field and its t are those that were computed last. */
    state() {
      return { ...of(wanted.key), field: shown.field, t: shown.t, current: isCurrent() };
    },

    complete: isComplete,
  };
}
