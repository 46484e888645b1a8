/**
 * One panel is shown at a time: buttons at the top choose it, and the link keeps it.
 */
import { common as words } from "../words/common.js";
import { fill, find, make, write } from "./dom.js";
import { onLink, readLink, writeLink } from "./link.js";

/**
 * @param {Record<string, [string, (panel: HTMLElement) => void]>} panels title and start of each,
 *   by id, in order; a panel starts when it is first shown
 */
export function makePanels(panels) {
  const nav = find(document, "nav", HTMLElement);
  const message = find(document, ".page-message", HTMLElement);
  const ids = Object.keys(panels);
  const started = new Set();

  for (const [id, [title]] of Object.entries(panels)) {
    const button = make("button", { type: "button", "data-panel": id }, title);
    button.addEventListener("click", () => {
      show(id);
      writeLink({ panel: id === ids[0] ? null : id });
    });
    nav.append(button);
  }

  /** @param {string} id */
  function show(id) {
    write(message, "");
    for (const button of nav.querySelectorAll("button")) {
      button.toggleAttribute("aria-current", button.dataset.panel === id);
    }
    for (const other of ids) find(document, `#${other}`, HTMLElement).hidden = other !== id;
    const panel = find(document, `#${id}`, HTMLElement);
    if (started.has(id)) panel.dispatchEvent(new Event("shown"));
    else panels[id][1](panel);
    started.add(id);
  }

  function reopen() {
    const id = readLink().get("panel") ?? ids[0];
    const known = ids.includes(id);
    show(known ? id : ids[0]);
    if (!known) write(message, fill(words.unknownPanel, { PANEL: id, PANELS: ids.join(", ") }));
  }

  onLink(reopen);
  reopen();

  return {
    /** The panel that is shown. */
    shown: () => find(document, "main > section:not([hidden])", HTMLElement),
  };
}
