/** The chips, and the attention of the one whose prediction is explained. */
import { fill, find, visible, write } from "../../ui/dom.js";
import { gpt as words } from "../../words/gpt.js";
import { rowOf, shadesOf, strongest } from "./attention.js";
import { describe, makeChips } from "./chips.js";
import { change, three } from "./numbers.js";

/**
 * @param {HTMLElement} panel
 * @param {import("./text.js").GPT} gpt
 * @param {(index: number) => void} choose gets the token that was clicked; -1 after Escape
 */
export function attentionView(panel, gpt, choose) {
  const number = find(panel, ".number", HTMLElement);
  const note = find(panel, ".attended", HTMLElement);
  const chips = makeChips(find(panel, ".tokens", HTMLElement), choose, point);
  /** @type {import("./chips.js").Token[]} */
  let tokens = [];
  /** @type {number[]} */
  let row = []; // attention of the chosen token's prediction
  /** @type {number[]} */
  let changes = []; // by replacing the tokens before it
  let quantity = "weight";
  let pointed = -1;

  /** @param {number} index */
  function point(index) {
    pointed = index;
    if (index < 0) return write(number, words.hover);
    let about = describe(tokens[index]);
    if (!Number.isNaN(changes[index] ?? NaN)) {
      about = fill(words.ifReplaced, { ABOUT: about, CHANGE: change(changes[index]) });
    }
    if (index < row.length) {
      /** @type {Record<string, string>} */
      const names = words.quantities;
      const values = { ABOUT: about, QUANTITY: names[quantity], VALUE: three(row[index]) };
      about = fill(words.attended, values);
    }
    write(number, about);
  }

  return {
    row: () => row,

    /**
     * @param {import("./chips.js").Token[]} next
     * @param {number[]} ids
     * @param {import("./view.js").View} view
     */
    show(next, ids, view) {
      tokens = next;
      quantity = view.quantity;
      row = [];
      if (view.chosen > 0) {
        const { silenced } = view;
        // the row of the position before the chosen token, which predicted it
        const attention = gpt.attention(ids.slice(0, view.chosen), Number(view.block), {
          silenced,
        });
        const head = view.head === "mean" ? null : Number(view.head);
        row = rowOf(attention, { position: view.chosen - 1, head, quantity });
      }
      chips.build(tokens);
      chips.paint(tokens, view.chosen, row.length ? shadesOf(row, quantity) : []);
      const textOf = (/** @type {number} */ i) => visible(tokens[i]?.text ?? "?");
      const most = strongest(row)
        .map((i) => fill(words.one, { TEXT: textOf(i), VALUE: three(row[i]) }))
        .join(", ");
      const sentence = row.length ? words.attendedTo : words.selectOne;
      write(note, fill(sentence, { TEXT: textOf(view.chosen), MOST: most }));
      point(Math.min(pointed, tokens.length));
    },

    /** Shows what replacing each token has changed. @param {number[]} found NaN for unknown */
    showChanges(found) {
      changes = found;
      chips.underline(changes);
      point(pointed);
    },
  };
}
