/**
 * One of the three pictures: points on a canvas with the classes' regions, and numbers below.
 *
 * @typedef {import("./view.js").View} View
 */
import { fill, find, make, write } from "../../ui/dom.js";
import { addBox, axes, cleared, colourOf, discs, fromPointer, toPixels } from "../../ui/plane.js";
import { guidance as words } from "../../words/guidance.js";
import { measure } from "./numbers.js";

const SIZE = "720"; // pixels
const REACH = "1.5"; // of the plane: most of the noise at t = 1 is in it, and classes are large
const DOT = 3; // radii and widths in pixels of the canvas
const FADED = 0.35; // opacity

/**
 * @param {HTMLElement} figure gets the elements
 * @param {{ title: string, subtitle: string, regions: number[][], square: boolean }} options
 * @param {(label: number) => void} choose called when a region is clicked
 */
export function makePicture(figure, { title, subtitle, regions, square }, choose) {
  const size = { width: SIZE, height: SIZE, "data-reach": REACH };
  const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { role: "img", ...size }));
  const numbers = make("dl");
  for (const name of /** @type {const} */ (["count", "inside", "mean", "std"])) {
    numbers.append(make("dt", {}, words[name]), make("dd", { class: name }));
  }
  figure.append(make("figcaption", {}, make("strong", {}, title), subtitle), canvas, numbers);

  canvas.addEventListener("click", (event) => {
    const [x, y] = fromPointer(canvas, event);
    const label = regions.findIndex(
      ([left, bottom, right, top]) => x >= left && x <= right && y >= bottom && y <= top,
    );
    if (label >= 0) choose(label);
  });

  let shown = new Float64Array(0); // points
  let before = shown; // those of the last setting, faded until the new ones are known

  return {
    /**
     * @param {Float64Array} points (n, 2); NaN where not yet known
     * @param {number} label the chosen class
     */
    draw(points, label) {
      const unknown = points.map((value, i) => (Number.isNaN(value) ? (before[i] ?? NaN) : NaN));
      shown = points.map((value, i) => (Number.isNaN(value) ? unknown[i] : value));
      const context = cleared(canvas);
      axes(context, colourOf(canvas, "--quiet"), square);
      drawRegions(context, regions, label);
      const colour = colourOf(canvas, "color");
      context.globalAlpha = FADED;
      discs(context, unknown, colour, DOT);
      context.globalAlpha = 1;
      discs(context, points, colour, DOT);
    },

    /** Another setting is being computed. @param {View} view */
    restart(view) {
      before = shown;
      const values = { WHAT: `${title}, ${subtitle}`, CLASS: view.class, W: view.w };
      canvas.setAttribute("aria-label", fill(words.canvas, values));
    },

    /** Another time is shown, to which the last setting's points do not belong. */
    forget() {
      before = new Float64Array(0);
    },

    /**
     * @param {Float64Array} ends (n, 2)
     * @param {number} label
     */
    measure(ends, label) {
      const { known, inside, mean, std } = measure(ends, regions[label]);
      const [some, total] = [known > 0, ends.length / 2];
      const values = {
        count: fill(words.progress, { KNOWN: known, TOTAL: total }),
        inside: some ? percent(inside) : words.none,
        mean: some ? pair(mean) : words.none,
        std: known > 1 ? pair(std) : words.none,
      };
      for (const [name, value] of Object.entries(values)) {
        write(find(numbers, `.${name}`, HTMLElement), value);
      }
    },
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number[][]} regions
 * @param {number} chosen
 */
function drawRegions(context, regions, chosen) {
  const { canvas } = context;
  const [quiet, accent] = [colourOf(canvas, "--quiet"), colourOf(canvas, "--chosen")];
  const box = (/** @type {number[]} */ region) => {
    context.beginPath();
    addBox(context, region);
  };
  Object.assign(context, { strokeStyle: quiet, lineWidth: 1 });
  for (const region of regions) {
    box(region);
    context.stroke();
  }
  Object.assign(context, { strokeStyle: accent, fillStyle: accent, lineWidth: 4 });
  box(regions[chosen]);
  context.globalAlpha = 0.14;
  context.fill();
  context.globalAlpha = 1;
  context.stroke();
  context.font = `${canvas.width / 28}px system-ui, sans-serif`;
  Object.assign(context, { textAlign: "left", textBaseline: "top" });
  regions.forEach(([left, , , top], label) => {
    const [x, y] = toPixels(canvas, left, top);
    context.fillStyle = label === chosen ? accent : quiet;
    context.fillText(String(label), x + 10, y + 10);
  });
}

/** @param {number} fraction */
function percent(fraction) {
  return `${(100 * fraction).toFixed(1)}\u2009%`;
}

/** @param {number[]} values of both coordinates */
function pair(values) {
  const [x, y] = values.map((value) => value.toFixed(3).replace("-", "\u2212"));
  return `(${x}, ${y})`;
}
