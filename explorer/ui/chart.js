/**
 * Charts by Vega-Lite, whose program is unpacked when the first chart is drawn.
 */

/** @type {Uint8Array<ArrayBuffer>} */
let source;
/** @type {Promise<any> | undefined} */
let vega;

/** @param {{ data: Uint8Array<ArrayBuffer> }} packed the program, a JavaScript module */
export function useVega({ data }) {
  source = data;
}

/**
 * Draws a chart, in the page's colours, in place of what the element has.
 *
 * @param {HTMLElement} element
 * @param {object} spec Vega-Lite's, without width: the chart is as wide as the element
 * @param {string} label what the chart shows, for screen readers
 * @returns {Promise<any>} Vega's view, which takes other data
 */
export async function chart(element, spec, label) {
  vega ??= import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const { vegaEmbed } = await vega;
  const style = getComputedStyle(element);
  const [text, quiet, line] = ["--text", "--quiet", "--line"].map((name) =>
    style.getPropertyValue(name),
  );
  const axis = { labelColor: quiet, titleColor: text, gridColor: line, domainColor: quiet };
  const legend = { labelColor: text, titleColor: text };
  const config = {
    background: null,
    font: "system-ui, sans-serif",
    axis: { ...axis, tickColor: quiet, titleFontWeight: "normal", labelFontSize: 12 },
    legend: { ...legend, titleFontWeight: "normal", orient: "top" },
    view: { stroke: null },
  };
  const { view } = await vegaEmbed(
    element,
    { width: "container", autosize: { type: "fit", contains: "padding" }, ...spec, config },
    // expressions are interpreted: to evaluate them, the page's policy would have to allow eval
    { actions: false, renderer: "svg", ast: true },
  );
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", label);
  return view;
}
