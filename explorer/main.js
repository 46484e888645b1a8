/**
 * The page's entry: unpacks the data, offers it to the console and to tests, and shows the panels.
 */
import { unpack } from "./lib/arrays.js";
import { diffusionApi } from "./lib/diffusion/index.js";
import { loadDiffusion } from "./lib/diffusion/load.js";
import { makeGPT } from "./lib/gpt/index.js";
import { makeInversion } from "./lib/gpt/inversion.js";
import { fieldPanel } from "./panels/field/index.js";
import { gptPanel } from "./panels/gpt/index.js";
import { guidancePanel } from "./panels/guidance/index.js";
import { inversionPanel } from "./panels/inversion/index.js";
import { lossPanel } from "./panels/loss/index.js";
import { noiseToData } from "./panels/noise_to_data/index.js";
import { probePanel } from "./panels/probe/index.js";
import { makeTour } from "./tour/index.js";
import { tourSteps } from "./tour/steps.js";
import { useVega } from "./ui/chart.js";
import { fill, fillWords, find, write } from "./ui/dom.js";
import { makePanels } from "./ui/panels.js";
import { makeSaving } from "./ui/picture.js";
import { words } from "./words/index.js";

const element = find(document, "#data", HTMLElement);
const data = await unpack(JSON.parse(element.textContent ?? ""));
element.remove(); // megabytes that nothing reads again

const diffusion = loadDiffusion(data.diffusion);
const gpt = makeGPT(data.gpt);
const inversion = makeInversion(gpt, data.inversion);
const lookingGlass = { diffusion: diffusionApi(diffusion), gpt, inversion };
Object.assign(window, { lookingGlass });
useVega(data.vega);
for (const name of ["header", "footer"]) {
  fillWords(find(document, name, HTMLElement), words.common);
}
document.title = words.common.title;
const { points, count } = data.diffusion;
if (points.shape[0] < count) {
  const note = find(document, ".thinned", HTMLElement);
  write(note, fill(words.common.thinned, { COUNT: count, SHOWN: points.shape[0] }));
  note.hidden = false;
}
const panels = makePanels({
  "noise-to-data": [words.noiseToData.title, (panel) => noiseToData(panel, diffusion)],
  field: [words.field.title, (panel) => fieldPanel(panel, diffusion)],
  guidance: [words.guidance.title, (panel) => guidancePanel(panel, diffusion)],
  probe: [words.probe.title, (panel) => probePanel(panel, diffusion)],
  loss: [words.loss.title, (panel) => lossPanel(panel, diffusion)],
  gpt: [words.gpt.title, (panel) => gptPanel(panel, gpt)],
  inversion: [words.inversion.title, (panel) => inversionPanel(panel, gpt, inversion)],
});
makeTour(tourSteps(diffusion, lookingGlass));
makeSaving(panels.shown);
document.documentElement.dataset.ready = "true";
performance.mark("ready");
