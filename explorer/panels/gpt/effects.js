/**
 * How the chosen token's log-probability changes with each head silenced and with each token
 * before it replaced: computed bit by bit, and kept while neither text nor settings change.
 */

/**
 * @typedef {object} Effects
 * @property {number} logProb of the chosen token
 * @property {number[]} changes (chosen,) by replacing each token before it; NaN for not yet
 * @property {number[][]} heads [block][head] changes by silencing; NaN for not yet
 * @property {number} byHand change by the replacement that the view has; NaN for none
 */

/** @param {import("./text.js").GPT} gpt */
export function makeEffects(gpt) {
  let key = "";
  /** @type {Effects | null} */
  let effects = null;
  /** @type {Generator<void, void, void>} */
  let job;

  /**
   * @param {Effects} found is filled in
   * @param {number[]} ids up to the chosen token
   * @param {number[] | null} before the same without the replacement by hand
   * @param {import("./view.js").View} view
   * @returns {Generator<void, void, void>}
   */
  function* compute(found, ids, before, { silenced, replacements }) {
    const last = ids.length - 2;
    found.logProb = gpt.logProbs(ids, { silenced })[last];
    yield;
    if (before) found.byHand = found.logProb - gpt.logProbs(before, { silenced })[last];
    yield;
    for (const { block, head, change } of gpt.silenceEach(ids, { silenced })) {
      found.heads[block][head] = change;
      yield;
    }
    for (const one of gpt.replaceEach(ids, { replacements, silenced })) {
      if (one) found.changes[one.place] = one.logProb - found.logProb;
      yield;
    }
  }

  function* remaining() {
    // not "for of", which would end the job with the view that has started it
    while (!job.next().done) yield;
  }

  return {
    /** What is known so far; null if no token with a log-probability is chosen. */
    known: () => effects,

    /**
     * Forgets at once what is known of another view; gives what remains to be computed.
     *
     * @param {number[]} ids that are shown
     * @param {number[]} original those without the replacement by hand
     * @param {import("./view.js").View} view
     * @returns {Iterable<void>}
     */
    update(ids, original, view) {
      const { chosen, silenced, replacements, at, by } = view;
      if (chosen < 1 || chosen >= ids.length) {
        [effects, key] = [null, ""];
        return [];
      }
      const read = ids.slice(0, chosen + 1);
      const before = by && at < chosen ? original.slice(0, chosen + 1) : null;
      const next = JSON.stringify([read, before, silenced, replacements]);
      if (next !== key) {
        key = next;
        effects = {
          logProb: NaN,
          changes: new Array(chosen).fill(NaN),
          heads: gpt.model.blocks.map(() => new Array(gpt.model.n_head).fill(NaN)),
          byHand: NaN,
        };
        job = compute(effects, read, before, view);
      }
      return remaining();
    },
  };
}
