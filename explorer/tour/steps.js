/**
 * The tour's steps: what each sets, and its answer, computed by the same models as the panels'.
 */
import { makeRandom } from "../lib/random.js";
import { rankCorrelation } from "../lib/ranks.js";
import { toPairs } from "../lib/check.js";

const POINTS = 1000;
const STEPS = 50;
const PROMPT = "Alice was beginning to get very tired of sitting by her sister";
const REPLACEMENTS = 20;

/**
 * @typedef {import("./index.js").Step} Step
 * @typedef {object} LookingGlass what the page offers to the console
 * @property {ReturnType<typeof import("../lib/diffusion/index.js").diffusionApi>} diffusion
 * @property {ReturnType<typeof import("../lib/gpt/index.js").makeGPT>} gpt
 * @property {import("../lib/gpt/inversion.js").Inversion} inversion
 */

/**
 * Those about the square are left out for points of a user's own.
 *
 * @param {import("../lib/diffusion/load.js").Diffusion} known
 * @param {LookingGlass} lookingGlass
 * @returns {Step[]}
 */
export function tourSteps({ schedules, square }, { diffusion, gpt, inversion }) {
  const { sigma } = schedules.exponential;
  const ids = gpt.encode(PROMPT);
  const text = `panel=gpt&gpt.prompt=${encodeURIComponent(PROMPT)}&gpt.chosen=${ids.length - 1}`;
  const lastBlock = gpt.model.blocks.length - 1;

  function inside() {
    const noise = toPairs(makeRandom(0).normals(2 * POINTS));
    const states = diffusion.sample({ noise, steps: STEPS });
    const ends = states[states.length - 1];
    const count = ends.filter((point) => point.every((x) => Math.abs(x) <= 1)).length;
    return (100 * count) / POINTS;
  }

  function correlation() {
    const last = ids.length - 2; // the position that predicts the last token
    const { weights } = gpt.attention(ids, lastBlock);
    const row = ids.slice(0, -1).map((_, place) => {
      const each = weights.map((/** @type {number[][]} */ head) => head[last][place]);
      return each.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b) / each.length;
    });
    const logProb = gpt.logProbs(ids)[last];
    const changes = new Array(row.length).fill(NaN);
    for (const one of gpt.replaceEach(ids, { replacements: REPLACEMENTS })) {
      if (one) changes[one.place] = Math.abs(one.logProb - logProb);
    }
    return rankCorrelation(row, changes);
  }

  /** How many tokens of the sentence it says. @param {number} i of the recorded iterations */
  const says = (i) => inversion.at(i).vectors.matches;

  const saysAll = () =>
    inversion.steps[inversion.steps.findIndex((_, i) => says(i) === inversion.ids.length)];

  const noise = "panel=noise-to-data";
  /** @type {(Step | false)[]} */
  const steps = [
    { name: "forward", link: "panel=loss&loss.t=0.9", value: () => sigma(0.5), tolerance: 0.002 },
    { name: "floor", link: "panel=loss&loss.t=0.05", right: "small" },
    square && { name: "sampling", link: noise, value: inside, tolerance: 0.3 },
    square && { name: "steps", link: `${noise}&steps=3&step=3`, right: "narrow" },
    {
      name: "solvers",
      link: `${noise}&steps=24&step=24&right=diffusion&rightSolver=dpmpp_2m`,
      right: "right",
    },
    { name: "noise", link: `${noise}&point=0&step=50`, right: "end" },
    square && { name: "field", link: "panel=field&field.t=1", right: "zero" },
    square && {
      name: "guidance",
      link: "panel=guidance&guidance.class=2&guidance.w=0",
      right: "no",
    },
    square && {
      name: "probe",
      link: "panel=probe&probe.x=0&probe.y=0",
      value: () => diffusion.logDensity([[0, 0]], sigma(0))[0],
      tolerance: 0.01,
    },
    square && { name: "wrong", link: "panel=probe&probe.x=0.26&probe.y=-0.6", right: "far" },
    {
      name: "next",
      link: text,
      value: () => gpt.logProbs(ids)[ids.length - 2],
      tolerance: 0.02,
    },
    {
      name: "attention",
      link: `${text}&gpt.block=${lastBlock}&gpt.replacements=${REPLACEMENTS}`,
      value: correlation,
      tolerance: 0.02,
    },
    says(inversion.steps.length - 1) === inversion.ids.length && {
      name: "inversion",
      link: "panel=inversion",
      value: saysAll,
      tolerance: 0,
    },
  ];
  return steps.filter((step) => step !== false);
}
