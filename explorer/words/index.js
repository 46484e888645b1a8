/**
 * All words of the page, in one table, so that they can be translated.
 *
 * Names in capitals between braces are filled in (ui/dom.js, `fill`).
 */
import { common } from "./common.js";
import { gpt } from "./gpt.js";
import { inversion } from "./inversion.js";
import { noiseToData } from "./noise_to_data.js";

export const words = { common, noiseToData, gpt, inversion };
