/**
 * A chart whose data change while it is shown: drawn once, then only its data are exchanged.
 */
import { chart } from "./chart.js";

/**
 * @typedef {Record<string, Record<string, any>[]>} Datasets by name
 *
 * @param {HTMLElement} element
 * @param {() => object} spec Vega-Lite's, whose layers take data by name
 * @returns {(datasets: Datasets, label: string) => void} shows data; what is too fast is left out
 */
export function makeLiveChart(element, spec) {
  /** @type {any} */
  let view = null;
  /** @type {[Datasets, string] | null} */
  let waiting = null;
  /** @type {[Datasets, string] | null} */
  let last = null;
  let busy = false;

  async function work() {
    busy = true;
    while (waiting) {
      const [datasets, label] = (last = waiting);
      waiting = null;
      if (view) {
        for (const [name, values] of Object.entries(datasets)) view.data(name, values);
        element.setAttribute("aria-label", label);
        await view.runAsync();
      } else view = await chart(element, { ...spec(), datasets }, label);
    }
    busy = false;
  }

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    view?.finalize();
    view = null;
    waiting ??= last;
    if (!busy) work();
  });

  return (datasets, label) => {
    waiting = [datasets, label];
    if (!busy) work();
  };
}
