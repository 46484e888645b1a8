/** Drawing tokens: one, or a run of them, and undoing the last. */
import { fill, find } from "../../ui/dom.js";
import { onLink } from "../../ui/link.js";
import { gpt as words } from "../../words/gpt.js";
import { optionsOf, uniformAt } from "./next_view.js";
import { shownIds } from "./view.js";

const RUN = 20; // tokens
const DELAY = 150; // ms between tokens of a run

const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param {HTMLElement} panel
 * @param {import("./text.js").GPT} gpt
 * @param {object} form
 * @param {() => import("./view.js").View} form.view
 * @param {(changes: Partial<import("./view.js").View>) => boolean} form.change
 * @param {() => boolean} settle takes in what is typed; whether it is right
 * @param {(sentence: string) => void} say
 */
export function makeDrawing(panel, gpt, form, settle, say) {
  const button = (/** @type {string} */ name) => find(panel, `.${name}`, HTMLButtonElement);
  const run = button("run");
  let running = 0; // the number of the run that goes on; 0 for none
  let runs = 0;

  /** @returns {boolean} whether a token was drawn */
  function draw() {
    if (!settle()) return false;
    const view = form.view();
    const ids = shownIds(gpt, view);
    const most = gpt.model.block_size;
    if (ids.length >= most) {
      say(fill(words.full, { MOST: most }));
      return false;
    }
    const u = uniformAt(view.seed, view.drawn.length);
    return form.change({ drawn: [...view.drawn, gpt.draw(gpt.next(ids, optionsOf(view)), u)] });
  }

  function undo() {
    if (!settle()) return;
    const { drawn, chosen, at, by } = form.view();
    if (!drawn.length) return say(words.nothingToUndo);
    const length = shownIds(gpt, form.view()).length - 1;
    form.change({
      drawn: drawn.slice(0, -1),
      chosen: chosen > length ? -1 : chosen,
      ...(at < length ? { at, by } : { at: -1, by: "" }),
    });
  }

  function stop() {
    running = 0;
    run.textContent = fill(words.run, { N: RUN });
  }

  async function generate() {
    if (running) return stop();
    const mine = ++runs; // a run that was stopped may still be in its pause
    running = mine;
    run.textContent = words.stop;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (let i = 0; i < RUN && running === mine && draw(); i++) await pause(still ? 0 : DELAY);
    if (running === mine) stop();
  }

  button("draw").addEventListener("click", () => {
    stop();
    draw();
  });
  button("undo").addEventListener("click", () => {
    stop();
    undo();
  });
  run.addEventListener("click", generate);
  onLink(stop);
  stop();

  return { stop };
}
