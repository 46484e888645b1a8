/**
 * The page's entry: unpacks the data, offers it to the console and to tests, and starts the panels.
 */
import { unpack } from "./lib/arrays.js";
import { diffusionApi } from "./lib/diffusion/index.js";
import { loadDiffusion } from "./lib/diffusion/load.js";
import { makeGPT } from "./lib/gpt/index.js";
import { gptPanel } from "./ui/gpt/index.js";
import { noiseToData } from "./ui/noise_to_data.js";

const element = /** @type {HTMLElement} */ (document.getElementById("data"));
const data = await unpack(JSON.parse(element.textContent ?? ""));
element.remove(); // megabytes that nothing reads again

const diffusion = loadDiffusion(data.diffusion);
const gpt = makeGPT(data.gpt);
Object.assign(window, { lookingGlass: { diffusion: diffusionApi(diffusion), gpt } });
noiseToData(diffusion);
gptPanel(gpt);
document.documentElement.dataset.ready = "true";
