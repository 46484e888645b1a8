/**
 * The guided tour: each step sets the panels by a link, says what to try, and checks the answer.
 */
import { fill, fillWords, find, make, write } from "../ui/dom.js";
import { onLink, readLink, writeLink } from "../ui/link.js";
import { words as all } from "../words/index.js";

const words = all.tour;

/**
 * @typedef {object} Step
 * @property {string} name of its words
 * @property {string} link what it sets
 * @property {string} [right] the choice that is right; without it the answer is a number
 * @property {() => number} [value] the right number
 * @property {number} [tolerance] how far an answer may be from it
 */

/** @param {Step[]} steps */
export function makeTour(steps) {
  const tour = find(document, "#tour", HTMLElement);
  const answers = find(tour, ".tour-answers", HTMLElement);
  const verdict = find(tour, ".tour-verdict", HTMLElement);
  const button = (/** @type {string} */ name) => find(document, `.${name}`, HTMLButtonElement);
  let current = -1;
  fillWords(tour, words);

  /** Opens a step by its link, which also sets the panels. @param {number} i */
  function open(i) {
    location.hash = `${steps[i].link}&tour=${i + 1}`;
    find(tour, "h2", HTMLElement).focus();
  }

  /** Shows the step that the link names. */
  function show() {
    const text = readLink().get("tour");
    const i = text === null ? -1 : Number(text) - 1;
    tour.hidden = text === null;
    if (text === null || (i === current && i >= 0)) return;
    current = steps[i] ? i : 0;
    const { name, right } = steps[current];
    const table = words.steps[name];
    const values = { STEP: current + 1, STEPS: steps.length, TITLE: table.title };
    write(find(tour, "h2", HTMLElement), fill(words.title, values));
    write(find(tour, ".tour-text", HTMLElement), table.text);
    write(find(tour, ".tour-question", HTMLElement), table.question);
    write(verdict, steps[i] ? "" : fill(words.unknownStep, { STEP: text, STEPS: steps.length }));
    answers.replaceChildren(
      ...(right ? Object.entries(table.choices ?? {}).map(choice) : [number()]),
    );
    button("tour-back").disabled = current === 0;
    button("tour-next").disabled = current === steps.length - 1;
  }

  /** @param {SubmitEvent} event */
  function check(event) {
    event.preventDefault();
    const { name, right, value, tolerance = 0 } = steps[current];
    const { because } = words.steps[name];
    const field = /** @type {HTMLInputElement | null} */ (
      answers.querySelector(right ? ":checked" : "input")
    );
    if (!field?.value) return write(verdict, right ? words.chooseOne : words.giveNumber);
    const wanted = value?.() ?? NaN;
    const fits = right
      ? field.value === right
      : Math.abs(Number(field.value) - wanted) <= tolerance;
    const number = String(Number(wanted.toPrecision(4)));
    if (fits) return write(verdict, fill(`${words.right} ${because}`, { VALUE: number }));
    return write(verdict, right ? words.wrongChoice : words.wrongNumber);
  }

  button("start-tour").addEventListener("click", () => open(0));
  button("tour-again").addEventListener("click", () => open(current));
  button("tour-back").addEventListener("click", () => open(current - 1));
  button("tour-next").addEventListener("click", () => open(current + 1));
  button("tour-close").addEventListener("click", () => {
    tour.hidden = true;
    current = -1;
    writeLink({ tour: null });
    button("start-tour").focus();
  });
  find(tour, "form", HTMLFormElement).addEventListener("submit", check);
  onLink(show);
  show();
}

/** @param {[string, string]} entry a choice and its text */
function choice([value, text]) {
  const input = make("input", { type: "radio", name: "tour-answer", value });
  return make("label", {}, input, ` ${text}`);
}

function number() {
  const input = make("input", { type: "number", step: "any", "aria-label": words.answer });
  return input;
}
