/**
 * The two networks of lookingglass/diffusion/network.py, from their trained weights.
 *
 * @typedef {import("../arrays.js").Tensor} Tensor
 * @typedef {import("./denoiser.js").Denoiser} Denoiser
 * @typedef {import("./layer.js").Layer} Layer
 * @typedef {object} PackedNetwork what lab/page/diffusion.py packs of a network
 * @property {"EdgeNetwork" | "PlainNetwork"} type
 * @property {number} rate of the exponential schedule that it was trained with
 * @property {Record<string, any>} config the arguments that it was made with in Python
 * @property {Record<string, Tensor>} tensors its weights, by their names in torch
 */
import { levelOf } from "./denoiser.js";
import { makeLayer, leakyRelu, linear, silu } from "./layer.js";
import { exponentialSchedule } from "./schedule.js";
import { symmetrised } from "./symmetry.js";

const CLAMP = 30;

/**
 * @param {PackedNetwork} packed
 * @returns {Denoiser}
 */
export function makeNetwork(packed) {
  const layers = Array.from({ length: packed.config.layers }, (_, i) =>
    makeLayer(packed.tensors[`layers.${i}.weight`], packed.tensors[`layers.${i}.bias`]),
  );
  const network =
    packed.type === "EdgeNetwork" ? edgeNetwork(packed, layers) : plainNetwork(packed, layers);
  return packed.config.symmetric ? symmetrised(network) : network;
}

/**
 * A network that maps (x, y, t) to eps, with leaky ReLUs between its layers.
 *
 * @param {PackedNetwork} packed
 * @param {Layer[]} layers
 * @returns {Denoiser}
 */
function plainNetwork(packed, layers) {
  const { timeOf } = exponentialSchedule(packed.rate);
  return (x, sigma) => {
    const input = new Float64Array((x.length / 2) * 3);
    for (let i = 0; i < x.length / 2; i++) {
      input.set([x[2 * i], x[2 * i + 1], timeOf(levelOf(sigma, i))], 3 * i);
    }
    let hidden = leakyRelu(linear(layers[0], input));
    for (const layer of layers.slice(1, -1)) hidden = leakyRelu(linear(layer, hidden));
    return linear(layers[layers.length - 1], hidden);
  };
}

/**
 * A preconditioned network whose first layer draws edges at every noise level. With classes, label
 * null stands for "any class"; without, the label is ignored.
 *
 * @param {PackedNetwork} packed
 * @param {Layer[]} layers
 * @returns {Denoiser}
 */
function edgeNetwork(packed, layers) {
  const { data_std: dataStd, classes, smooth } = packed.config;
  const activation = smooth ? silu : leakyRelu;
  const zoom = edgeZoom(packed, layers[0].sizeOut);
  return (x, sigma, label) => {
    let hidden = linear(layers[0], classes ? withClass(x, packed, label) : x);
    hidden = activation(zoom(hidden, sigma));
    for (const layer of layers.slice(1, -1)) hidden = activation(linear(layer, hidden));
    const eps = linear(layers[layers.length - 1], hidden);
    for (let i = 0; i < x.length; i++) {
      const level = levelOf(sigma, i >> 1);
      const variance = level ** 2 + dataStd ** 2;
      eps[i] = (level / variance) * x[i] - (dataStd / Math.sqrt(variance)) * eps[i];
    }
    return eps;
  };
}

/**
 * The function that turns the first layer's (Wx + b) into clamp(sigma^-a (Wx + b) + t drift), in
 * place; a and drift are learned for each unit.
 *
 * @param {PackedNetwork} packed
 * @param {number} width
 */
function edgeZoom(packed, width) {
  const { timeOf } = exponentialSchedule(packed.rate);
  const sharpness = packed.tensors.sharpness.data;
  const drift = packed.tensors.drift.data;
  const scale = new Float64Array(width);
  const shift = new Float64Array(width);

  return (/** @type {Float64Array} */ hidden, /** @type {number | Float64Array} */ sigma) => {
    let last = NaN;
    for (let i = 0; i < hidden.length / width; i++) {
      const level = levelOf(sigma, i);
      // in sampling all points share one level: its powers are computed once
      if (level !== last) {
        for (let j = 0; j < width; j++) {
          scale[j] = Math.exp(-sharpness[j] * Math.log(level));
          shift[j] = timeOf(level) * drift[j];
        }
        last = level;
      }
      for (let j = 0; j < width; j++) {
        const edge = hidden[i * width + j] * scale[j] + shift[j];
        hidden[i * width + j] = Math.min(Math.max(edge, -CLAMP), CLAMP);
      }
    }
    return hidden;
  };
}

/**
 * The first layer's input (n, 2 + embedding): each point, then the class's vector.
 *
 * @param {Float64Array} x
 * @param {PackedNetwork} packed
 * @param {number | null} label
 */
function withClass(x, packed, label) {
  const { classes, embedding: size } = packed.config;
  const row = (label ?? classes) * size; // the row after the last class's is that of no label
  const vector = packed.tensors["embedding.weight"].data.subarray(row, row + size);
  const n = x.length / 2;
  const input = new Float64Array(n * (2 + size));
  for (let i = 0; i < n; i++) {
    input.set(x.subarray(2 * i, 2 * i + 2), i * (2 + size));
    input.set(vector, i * (2 + size) + 2);
  }
  return input;
}
