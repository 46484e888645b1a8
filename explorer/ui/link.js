/**
 * The address's fragment: what all panels show, by key, so that a link reopens the same view.
 */

const SETTLED = 250; // ms without a change, after which it is written: browsers limit how often

/** @type {Map<string, string | null>} */
const waiting = new Map();
let timer = 0;

/** What the link says. */
export function readLink() {
  return new URLSearchParams(location.hash.slice(1));
}

/**
 * Writes values into the link, at leisure; null takes a key out.
 *
 * @param {Record<string, string | null>} values
 */
export function writeLink(values) {
  for (const [key, value] of Object.entries(values)) waiting.set(key, value);
  clearTimeout(timer);
  timer = setTimeout(flush, SETTLED);
}

/**
 * Calls `read` whenever another link is opened in the page.
 *
 * @param {() => void} read
 */
export function onLink(read) {
  addEventListener("hashchange", read);
}

function flush() {
  const link = readLink();
  for (const [key, value] of waiting) {
    link.delete(key);
    if (value !== null) link.set(key, value);
  }
  waiting.clear();
  const fragment = link.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  if (fragment !== location.hash.slice(1)) history.replaceState(null, "", `#${fragment}`);
}

// what was to be written belongs to the view that another link has just replaced
onLink(() => waiting.clear());
