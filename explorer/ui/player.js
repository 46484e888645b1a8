/**
 * Play, pause and scrub: a button, a slider over the steps, and what the step means in words.
 */
import { common as words } from "../words/common.js";
import { find, write } from "./dom.js";
import { onLink } from "./link.js";

const SECONDS = 4; // to play from the first step to the last
const MARKUP = `
  <button type="button" class="play"></button>
  <label>
    <span></span>
    <input type="range" class="time" min="0" value="0" />
  </label>
  <output class="level"></output>`;

/**
 * @param {HTMLElement} panel gets the elements, where it has a .player-place
 * @param {string} name of what the slider moves through
 * @param {(step: number) => void} show called when the user or the playing has changed the step
 */
export function makePlayer(panel, name, show) {
  const place = find(panel, ".player-place", HTMLElement);
  place.innerHTML = MARKUP;
  write(find(place, "span", HTMLElement), name);
  const play = find(place, ".play", HTMLButtonElement);
  const time = find(place, ".time", HTMLInputElement);
  const level = find(place, ".level", HTMLOutputElement);
  let started = NaN; // when playing began, in ms; NaN while paused

  const showStep = () => show(Number(time.value));

  /** @param {number} now */
  function frame(now) {
    if (Number.isNaN(started)) return;
    const step = Math.floor(((now - started) / 1000 / SECONDS) * Number(time.max));
    time.value = String(Math.min(Math.max(step, 0), Number(time.max)));
    if (step < Number(time.max)) requestAnimationFrame(frame);
    else pause();
    showStep();
  }

  function pause() {
    started = NaN;
    play.textContent = words.play;
  }

  play.addEventListener("click", () => {
    if (!Number.isNaN(started)) {
      pause();
      return showStep();
    }
    const from = Number(time.value) % Number(time.max); // from the start again after the end
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      time.value = from || time.value === "0" ? time.max : "0"; // to the other end, without motion
      return showStep();
    }
    started = performance.now() - (from / Number(time.max)) * SECONDS * 1000;
    play.textContent = words.pause;
    requestAnimationFrame(frame);
  });
  time.addEventListener("input", () => {
    pause();
    showStep();
  });
  onLink(pause);
  pause();
  return {
    /**
     * Puts the slider at a step.
     *
     * @param {number} step
     * @param {number} last
     */
    put(step, last) {
      time.max = String(last);
      time.value = String(step);
    },
    /** Says what the step means. @param {string} text */
    say(text) {
      write(level, text);
      time.setAttribute("aria-valuetext", text);
    },
  };
}
