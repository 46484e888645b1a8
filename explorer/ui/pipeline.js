/**
 * The command that makes a panel's setting in the pipeline, with a button that copies it.
 */
import { common as words } from "../words/common.js";
import { fillWords, find, write } from "./dom.js";

const MARKUP = `
  <p class="pipeline">
    <label>
      <span data-word="pipeline"></span>
      <input type="text" class="command" readonly />
    </label>
    <button type="button" class="copy" data-word="copy"></button>
    <output class="copied"></output>
  </p>
  <p class="no-pipeline note" hidden></p>`;

/**
 * @param {HTMLElement} panel gets the elements, where it has a .pipeline-place
 * @param {string} otherwise the sentence for a view that no stage makes
 * @returns {(command: string | null) => void} shows another command
 */
export function makePipeline(panel, otherwise) {
  const place = find(panel, ".pipeline-place", HTMLElement);
  place.innerHTML = MARKUP;
  fillWords(place, words);
  const command = find(place, ".command", HTMLInputElement);
  const answer = find(place, ".copied", HTMLElement);
  const none = find(place, ".no-pipeline", HTMLElement);
  write(none, otherwise);

  find(place, ".copy", HTMLButtonElement).addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command.value);
      write(answer, words.copied);
    } catch {
      command.select();
      write(answer, words.notCopied);
    }
  });

  return (text) => {
    command.value = text ?? "";
    find(place, ".pipeline", HTMLElement).hidden = text === null;
    none.hidden = text !== null;
    write(answer, "");
  };
}
