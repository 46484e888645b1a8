/**
 * Work in the background, in slices short enough that the page answers at once.
 */

const SLICE = 12; // ms

/** @param {() => void} progress called after the first slice, then at most once per frame */
export function makeBackground(progress) {
  /** @type {Generator<void, void, void> | null} */
  let job = null;
  let timer = 0;
  const progressSoon = oncePerFrame(progress);

  function slice() {
    const end = performance.now() + SLICE;
    while (job && performance.now() < end) if (job.next().done) job = null;
    if (job) timer = setTimeout(sliceLater);
  }

  function sliceLater() {
    slice();
    progressSoon();
  }

  return {
    /**
     * Starts a job in place of the last one.
     *
     * @param {Generator<void, void, void>} next
     */
    run(next) {
      clearTimeout(timer);
      job = next;
      slice();
      progress();
    },
  };
}

/**
 * Calls a function at most once per frame, with the last arguments.
 *
 * @template {any[]} T
 * @param {(...values: T) => void} act
 * @returns {(...values: T) => void}
 */
export function oncePerFrame(act) {
  /** @type {T | null} */
  let waiting = null;
  return (...values) => {
    if (!waiting) {
      requestAnimationFrame(() => {
        const last = /** @type {T} */ (waiting);
        waiting = null;
        act(...last);
      });
    }
    waiting = values;
  };
}
