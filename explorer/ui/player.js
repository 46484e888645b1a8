/**
 * Play, pause and scrub.
 */
import { common as words } from "../words/common.js";

const SECONDS = 4; // to play from noise to data

/**
 * @param {HTMLButtonElement} play
 * @param {HTMLInputElement} time whose value is the step that is shown
 * @param {() => void} show called when the step has changed
 */
export function makePlayer(play, time, show) {
  let started = NaN; // when playing began, in ms; NaN while paused

  /** @param {number} now */
  function frame(now) {
    if (Number.isNaN(started)) return;
    const step = Math.floor(((now - started) / 1000 / SECONDS) * Number(time.max));
    time.value = String(Math.min(Math.max(step, 0), Number(time.max)));
    if (step < Number(time.max)) requestAnimationFrame(frame);
    else pause();
    show();
  }

  function pause() {
    started = NaN;
    play.textContent = words.play;
  }

  play.addEventListener("click", () => {
    if (!Number.isNaN(started)) {
      pause();
      return show();
    }
    const from = Number(time.value) % Number(time.max); // from the start again after the end
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      time.value = from || time.value === "0" ? time.max : "0"; // to the other end, without motion
      return show();
    }
    started = performance.now() - (from / Number(time.max)) * SECONDS * 1000;
    play.textContent = words.pause;
    requestAnimationFrame(frame);
  });
  time.addEventListener("input", () => {
    pause();
    show();
  });
  pause();
  return { pause, playing: () => !Number.isNaN(started) };
}
