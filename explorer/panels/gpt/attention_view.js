/** The chips, and the attention of the one that is selected. */
import { gpt as gptWords } from "../../words/gpt.js";
import { rowOf, shadesOf, strongest } from "./attention.js";
import { makeChips } from "./chips.js";
import { find, make, visible } from "../../ui/dom.js";

/**
 * @param {HTMLElement} panel
 * @param {import("./text.js").GPT} gpt
 * @param {ReturnType<typeof import("./text.js").makeText>} text
 * @param {(sentence: string) => void} say
 */
export function attentionView(panel, gpt, text, say) {
  const select = (/** @type {string} */ name) => find(panel, `.${name}`, HTMLSelectElement);
  const [block, head, quantity] = ["block", "head", "quantity"].map(select);
  const number = find(panel, ".number", HTMLElement);
  const note = find(panel, ".attended", HTMLElement);
  const chips = makeChips(find(panel, ".tokens", HTMLElement), choose, point);
  let selected = -1;
  /** @type {number[]} */
  let row = []; // attention of the selected token's prediction

  gpt.model.blocks.forEach((_, i) => block.append(make("option", {}, String(i))));
  head.append(make("option", { value: "" }, gptWords.mean));
  for (let i = 0; i < gpt.model.n_head; i++) head.append(make("option", {}, String(i)));
  for (const control of [block, head, quantity]) control.addEventListener("change", show);

  const textOf = (/** @type {number} */ i) => visible(text.tokens()[i]?.text ?? "?");
  const valueOf = (/** @type {number} */ i) => {
    return gptWords.attended(quantity.value === "score" ? "score" : "weight", row[i]);
  };

  function show() {
    row = [];
    if (selected > 0) {
      const attention = gpt.attention(text.ids(), Number(block.value));
      row = rowOf(attention, {
        position: selected - 1, // that predicted it
        head: head.value === "" ? null : Number(head.value),
        quantity: quantity.value,
      });
    }
    chips.paint(text.tokens(), selected, row.length ? shadesOf(row, quantity.value) : []);
    const most = strongest(row).map((i) => `"${textOf(i)}" (${gptWords.value(row[i])})`);
    note.textContent = row.length
      ? gptWords.attendedTo(textOf(selected), most.join(", "))
      : gptWords.selectOne;
  }

  /** @param {number} index */
  function choose(index) {
    say(index === 0 ? gptWords.noAttention : "");
    selected = index === selected || index === 0 ? -1 : index;
    show();
    if (index >= 0) point(index);
  }

  /** @param {number} index */
  function point(index) {
    const token = text.tokens()[index];
    const about = token ? gptWords.token(visible(token.text), token.logProb) : gptWords.nextToken;
    number.textContent = index < row.length ? `${about}; ${valueOf(index)}` : about;
  }

  return {
    /** Shows another text, with no token selected. */
    build() {
      selected = -1;
      chips.build(text.tokens());
      number.textContent = gptWords.hover;
      show();
    },
  };
}
