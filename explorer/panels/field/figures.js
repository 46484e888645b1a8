/**
 * The elements of the panel's three pictures: caption, plane, and the scale of the heat map.
 */
import { fill, find, make, write } from "../../ui/dom.js";
import { field as words } from "../../words/field.js";
import { drawField, drawPoint, drawScale } from "./draw.js";

/** @type {("network" | "exact" | "difference")[]} */
const NAMES = ["network", "exact", "difference"];

/**
 * @param {HTMLElement} panel
 * @param {boolean} square
 */
export function makeFigures(panel, square) {
  const figures = NAMES.map((name) => {
    const plane = /** @type {HTMLCanvasElement} */ (
      make("canvas", {
        ...{ class: `plane ${name}`, width: "660", height: "660", tabindex: "0" },
        ...{ role: "application", "aria-describedby": "field-keys" },
      })
    );
    const bar = make("canvas", { class: "bar", width: "256", height: "1", "aria-hidden": "true" });
    const ends = make("p", { class: "ends" }, ...[0, 1, 2].map(() => make("span")));
    const about = make("span");
    const caption = make("figcaption", {}, make("strong", {}, words[name]), about);
    const figure = make("figure", {}, caption, plane, bar, ends);
    find(panel, ".pictures", HTMLElement).append(figure);
    return { name, plane, bar: /** @type {HTMLCanvasElement} */ (bar), ends, about };
  });

  return {
    planes: figures.map(({ plane }) => plane),

    /** @param {"density" | "norm"} kind of heat map */
    caption(kind) {
      for (const { name, plane, about } of figures) {
        const text = words.heatOf[kind][name];
        write(about, text);
        plane.setAttribute("aria-label", fill(words.canvas, { NAME: words[name], HEAT: text }));
      }
    },

    /**
     * @param {import("./pictures.js").Picture[]} pictures
     * @param {[number, number]} point
     * @param {([number, number] | null)[]} denoised for each picture
     */
    draw(pictures, point, denoised) {
      pictures.forEach((picture, i) => {
        const { plane, bar, ends } = figures[i];
        drawField(plane, picture, square);
        drawPoint(plane, point, denoised[i]);
        drawScale(bar, picture.colours);
        picture.scale.ends.forEach((text, j) => write(ends.children[j], text));
      });
    },
  };
}
