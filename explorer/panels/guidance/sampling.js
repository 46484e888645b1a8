/**
 * The three pictures of a view: two guided samplers, from the same noise, and the distribution that
 * guidance is commonly thought to sample.
 *
 * @typedef {import("../../lib/diffusion/denoiser.js").Denoiser} Denoiser
 * @typedef {import("../../lib/diffusion/load.js").Diffusion} Diffusion
 * @typedef {import("./view.js").View} View
 * @typedef {Float64Array[]} States (n, 2) at each time; NaN where not yet computed
 */
import { guide } from "../../lib/diffusion/denoiser.js";
import { flow } from "../../lib/diffusion/samplers.js";
import { uniformTimes } from "../../lib/diffusion/schedule.js";
import { tilted } from "../../lib/diffusion/tilted.js";
import { makeRandom } from "../../lib/random.js";

const PART = 40; // points that are followed together, so that a step of them takes a few ms
const STREAMS = 4096; // seeds for each view's seed, at least as many as points
const SECOND_HALF = 2 ** 31; // of the seeds: the start noise has the first

/** @param {Diffusion} diffusion */
export function makeSampling(diffusion) {
  const schedule = diffusion.schedules.exponential;
  /** @type {Float64Array} */
  let start = new Float64Array(0);
  let times = uniformTimes(1);
  /** @type {States[]} */
  let pictures = [];
  /** @type {View} */
  let view;

  /**
   * Follows the noise, some points at a time.
   *
   * @param {States} states
   * @param {Denoiser} denoiser
   */
  function* follow(states, denoiser) {
    const guided = guide(denoiser, view.w);
    const options = { times, solver: view.solver, label: Number(view.class), eta: 0 };
    for (let i = 0; i < start.length; i += 2 * PART) {
      let step = 0;
      for (const x of flow(guided, schedule, start.slice(i, i + 2 * PART), options)) {
        states[step++].set(x, i);
        yield;
      }
    }
  }

  /**
   * Draws points of the distribution at t = 0, and adds each one's start noise to it. A point has
   * random numbers of its own: another w moves only those that it refuses.
   *
   * @param {States} states
   */
  function* draw(states) {
    const sigmas = times.map(schedule.sigma);
    const last = sigmas[sigmas.length - 1];
    const target = tilted(diffusion, Number(view.class), view.w, last);
    for (let i = 0; i < start.length; i += 2) {
      const random = makeRandom(SECOND_HALF + view.seed * STREAMS + i / 2);
      const [x, y] = yield* target.draw(random);
      states.forEach((state, step) => {
        const added = Math.sqrt(sigmas[step] ** 2 - last ** 2);
        state.set([x + added * start[i], y + added * start[i + 1]], i);
      });
      yield;
    }
  }

  function* all() {
    const { conditional, exact } = diffusion.denoisers;
    const [network, truth, target] = pictures;
    const jobs = [follow(network, conditional), follow(truth, exact), draw(target)];
    for (let running = jobs; running.length;) {
      const left = [];
      for (const job of running) {
        if (!job.next().done) left.push(job);
        yield;
      }
      running = left;
    }
  }

  return {
    /**
     * Takes a view; gives the work that it needs.
     *
     * @param {View} next
     */
    update(next) {
      view = next;
      start = makeRandom(view.seed).normals(2 * view.n);
      times = uniformTimes(view.steps);
      const blank = () => times.map(() => new Float64Array(start.length).fill(NaN));
      pictures = [blank(), blank(), blank()];
      return all();
    },

    pictures: () => pictures,

    /** sigma at a step. */
    sigma: (/** @type {number} */ step) => schedule.sigma(times[step]),
  };
}
