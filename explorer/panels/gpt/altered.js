/** Says what is not as the text and the model are. */
import { fill, visible } from "../../ui/dom.js";
import { gpt as words } from "../../words/gpt.js";

/**
 * @param {import("./view.js").View} view
 * @param {string} old the text of the token that is replaced
 * @returns {string} empty if all is as it is
 */
export function altered({ silenced, by }, old) {
  const heads = silenced
    .map(([block, head]) => fill(words.headOf, { BLOCK: block, HEAD: head }))
    .join("; ");
  const parts = [
    by && fill(words.replaced, { OLD: visible(old), NEW: visible(by) }),
    heads && fill(words.silenced, { HEADS: heads }),
  ].filter(Boolean);
  return parts.length ? fill(words.altered, { WHAT: parts.join(", and ") }) : "";
}
