/**
 * The page's entry: unpacks the data, offers it to the console and to tests, and shows the panels.
 */
import { unpack } from "./lib/arrays.js";
import { diffusionApi } from "./lib/diffusion/index.js";
import { loadDiffusion } from "./lib/diffusion/load.js";
import { makeGPT } from "./lib/gpt/index.js";
import { fieldPanel } from "./panels/field/index.js";
import { gptPanel } from "./panels/gpt/index.js";
import { guidancePanel } from "./panels/guidance/index.js";

import { lossPanel } from "./panels/loss/index.js";
import { noiseToData } from "./panels/noise_to_data/index.js";
import { probePanel } from "./panels/probe/index.js";
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
Object.assign(window, { lookingGlass: { diffusion: diffusionApi(diffusion), gpt } });
useVega(data.vega);
fillWords(find(document, "header", HTMLElement), words.common);
fillWords(find(document, "footer", HTMLElement), words.common);
const panels = makePanels({
  "noise-to-data": {
    title: words.noiseToData.title,
    start: (panel) => noiseToData(panel, diffusion),
  },
  field: { title: words.field.title, start: (panel) => fieldPanel(panel, diffusion) },
  guidance: {
    title: words.guidance.title,
    start: (panel) => guidancePanel(panel, diffusion),
  },
  probe: { title: words.probe.title, start: (panel) => probePanel(panel, diffusion) },
  loss: { title: words.loss.title, start: (panel) => lossPanel(panel, diffusion) },
  gpt: { title: words.gpt.title, start: (panel) => gptPanel(panel, gpt) },
});
makeSaving(panels.shown);
document.documentElement.dataset.ready = "true";
performance.mark("ready");
