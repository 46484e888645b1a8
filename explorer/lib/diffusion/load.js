/**
 * All that the page knows of diffusion: the networks, the exact truth, the schedules, the data.
 *
 * @typedef {import("../arrays.js").Tensor} Tensor
 * @typedef {import("./denoiser.js").Denoiser} Denoiser
 * @typedef {import("./schedule.js").Schedule} Schedule
 * @typedef {import("./denoiser.js").Truth} Truth
 * @typedef {object} DiffusionData what lab/page/diffusion.py packs, unpacked
 * @property {Record<string, import("./network.js").PackedNetwork>} models
 * @property {boolean} square whether the points were drawn from the square [-1, 1]^2
 * @property {number} count of training points; there are fewer in `points` if they are many
 * @property {Tensor} points (n, 2), the training data
 * @property {Tensor} labels (n), the class of each point
 * @property {number[][]} regions each class's left, bottom, right, top
 *
 * @typedef {object} Diffusion
 * @property {Record<string, Denoiser>} denoisers diffusion, plain, conditional, exact
 * @property {Record<string, Schedule>} schedules exponential (the networks'), karras, cosine, linear
 * @property {(label: number | null) => Truth} truthOf the truth of a class, or of all points; throws
 *   a RangeError for a class without points
 * @property {boolean} square whether the points were drawn from the square [-1, 1]^2
 * @property {number} classes how many there are
 * @property {number[][]} regions each class's left, bottom, right, top
 * @property {Float64Array} points (n, 2)
 * @property {number[]} labels
 */
import { makeNetwork } from "./network.js";
import { allSchedules } from "./schedule.js";
import { pointCloud } from "./point_cloud.js";
import { uniformBox } from "./uniform_box.js";

/**
 * @param {DiffusionData} data
 * @returns {Diffusion}
 */
export function loadDiffusion(data) {
  const points = Float64Array.from(data.points.data);
  const labels = Array.from(data.labels.data);
  const truth = data.square ? uniformBox([-1, -1], [1, 1]) : pointCloud(points);
  const classTruths = data.regions.map((corners, label) => {
    if (data.square) return uniformBox(corners.slice(0, 2), corners.slice(2));
    const own = points.filter((_, i) => labels[i >> 1] === label);
    return own.length ? pointCloud(own) : null;
  });
  const truthOf = (/** @type {number | null} */ label) => {
    const found = label === null ? truth : classTruths[label];
    if (!found) throw new RangeError(`class ${label}: has no points`);
    return found;
  };

  /** @type {Record<string, Denoiser>} */
  const denoisers = {
    exact: (x, sigma, label) => truthOf(label).denoiser(x, sigma, label),
  };
  for (const [name, packed] of Object.entries(data.models)) denoisers[name] = makeNetwork(packed);
  const schedules = allSchedules(data.models.diffusion.rate);
  const { square, regions } = data;
  return {
    denoisers,
    schedules,
    truthOf,
    square,
    classes: regions.length,
    regions,
    points,
    labels,
  };
}
