/** A button for each head: what silencing it changes, and whether it is silenced. */
import { fill, find, make, write } from "../../ui/dom.js";
import { gpt as words } from "../../words/gpt.js";
import { change } from "./numbers.js";

/**
 * @param {HTMLElement} panel
 * @param {import("./text.js").GPT["model"]} model
 * @param {(block: number, head: number) => void} toggle
 */
export function makeHeads(panel, { blocks, n_head }, toggle) {
  const grid = find(panel, ".heads tbody", HTMLElement);
  const heads = Array.from({ length: n_head }, (_, head) => head);
  const titles = heads.map((head) => make("th", { scope: "col" }, `${words.head} ${head}`));
  find(panel, ".heads thead tr", HTMLElement).append(make("td"), ...titles);
  const buttons = blocks.map((_, block) => {
    const row = heads.map((head) => {
      const button = make("button", { type: "button", "data-head": `${block}.${head}` });
      button.addEventListener("click", () => toggle(block, head));
      return button;
    });
    const cells = row.map((button) => make("td", {}, button));
    grid.append(make("tr", {}, make("th", { scope: "row" }, `${words.block} ${block}`), ...cells));
    return row;
  });

  /**
   * @param {number[][]} silenced
   * @param {number[][] | null} changes [block][head]; NaN for not yet
   */
  return (silenced, changes) => {
    const known = changes?.flat().filter((value) => !Number.isNaN(value)) ?? [];
    const greatest = Math.max(...known.map(Math.abs));
    buttons.forEach((row, block) => {
      row.forEach((button, head) => {
        const value = changes?.[block][head] ?? NaN;
        const off = silenced.some(([b, h]) => b === block && h === head);
        const text = Number.isNaN(value) ? "\u2013" : change(value);
        write(button, text);
        button.setAttribute("aria-pressed", String(off));
        button.classList.toggle("falls", value < 0);
        button.classList.toggle("rises", value > 0);
        const share = Math.abs(value) / greatest || 0;
        button.style.setProperty("--shade", `${(100 * share).toFixed(0)}%`);
        const name = fill(words.headOf, { BLOCK: block, HEAD: head });
        const sentence = off ? words.headSilenced : words.headChange;
        button.setAttribute("aria-label", fill(sentence, { HEAD: name, CHANGE: text }));
      });
    });
  };
}
