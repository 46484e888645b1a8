/**
 * All words of the page, in one table, so that they can be translated.
 *
 * Names in capitals between braces are filled in (ui/dom.js, `fill`).
 */
import { common } from "./common.js";
import { field } from "./field.js";
import { gpt } from "./gpt.js";
import { guidance } from "./guidance.js";
import { inversion } from "./inversion.js";
import { loss } from "./loss.js";
import { noiseToData } from "./noise_to_data.js";
import { probe } from "./probe.js";
import { tour } from "./tour.js";

export const words = { common, tour, noiseToData, field, guidance, probe, loss, gpt, inversion };
