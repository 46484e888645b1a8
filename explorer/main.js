/**
 * The page's entry: unpacks the data, offers it to the console and to tests, and shows the panels.
 */
import { unpack } from "./lib/arrays.js";
import { diffusionApi } from "./lib/diffusion/index.js";
import { loadDiffusion } from "./lib/diffusion/load.js";
import { makeGPT } from "./lib/gpt/index.js";
import { makeInversion } from "./lib/gpt/inversion.js";
import { gptPanel } from "./panels/gpt/index.js";
import { inversionPanel } from "./panels/inversion/index.js";
import { noiseToData } from "./panels/noise_to_data/index.js";
import { useVega } from "./ui/chart.js";
import { fillWords, find } from "./ui/dom.js";
import { makePanels } from "./ui/panels.js";
import { makeSaving } from "./ui/picture.js";
import { words } from "./words/index.js";

const element = find(document, "#data", HTMLElement);
const data = await unpack(JSON.parse(element.textContent ?? ""));
element.remove(); // megabytes that nothing reads again

const diffusion = loadDiffusion(data.diffusion);
const gpt = makeGPT(data.gpt);
const inversion = makeInversion(gpt, data.inversion);
Object.assign(window, { lookingGlass: { diffusion: diffusionApi(diffusion), gpt, inversion } });
useVega(data.vega);
fillWords(find(document, "header", HTMLElement), words.common);
fillWords(find(document, "footer", HTMLElement), words.common);
const panels = makePanels({
  "noise-to-data": {
    title: words.noiseToData.title,
    start: (panel) => noiseToData(panel, diffusion),
  },
  gpt: { title: words.gpt.static.title, start: (panel) => gptPanel(panel, gpt) },
  inversion: {
    title: words.inversion.title,
    start: (panel) => inversionPanel(panel, gpt, inversion),
  },
});
makeSaving(panels.shown);
document.documentElement.dataset.ready = "true";
