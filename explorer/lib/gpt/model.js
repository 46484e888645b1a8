/**
 * A GPT-2 (Radford et al. 2019), from token embeddings to the logits of the next token.
 *
 * Shapes: T new positions, width C = n_embd, and V rows of the vocabulary.
 */

import { selfAttention } from "./attention.js";
import { gelu, layerNorm, linear } from "./layers.js";

/**
 * @typedef {import("./layers.js").Layer} Layer
 * @typedef {import("./attention.js").Attention} Attention
 */

/**
 * @typedef {object} Block
 * @property {Layer} ln_1
 * @property {{qkv: Layer, proj: Layer}} attn
 * @property {Layer} ln_2
 * @property {{fc: Layer, proj: Layer}} mlp
 */

/**
 * @typedef {object} Model
 * @property {number} block_size the greatest number of positions
 * @property {number} n_head
 * @property {number} n_embd
 * @property {Float32Array} positions (block_size, C) embeddings
 * @property {Block[]} blocks
 * @property {Layer} ln_f
 * @property {Layer} head weight (V, C), which is also the token embedding
 */

/**
 * Keys and values of all positions read so far. A smaller `time` makes it forget the last ones.
 *
 * @typedef {object} KVCache
 * @property {number} time how many positions it holds
 * @property {import("./attention.js").KeysAndValues[]} blocks
 */

/**
 * The model of unpacked tensors, which keep their names in PyTorch.
 *
 * @param {{ block_size: number, n_layer: number, n_head: number, n_embd: number }} config
 * @param {Record<string, { data: any }>} tensors
 * @returns {Model}
 */
export function makeModel({ block_size, n_layer, n_head, n_embd }, tensors) {
  const layer = (/** @type {string} */ name) => ({
    weight: tensors[`${name}.weight`].data,
    bias: tensors[`${name}.bias`].data,
  });
  const block = (/** @type {string} */ name) => ({
    ln_1: layer(`${name}.ln_1`),
    attn: { qkv: layer(`${name}.attn.qkv`), proj: layer(`${name}.attn.proj`) },
    ln_2: layer(`${name}.ln_2`),
    mlp: { fc: layer(`${name}.mlp.fc`), proj: layer(`${name}.mlp.proj`) },
  });
  return {
    block_size,
    n_head,
    n_embd,
    positions: tensors["position_embedding.weight"].data,
    blocks: Array.from({ length: n_layer }, (_, i) => block(`blocks.${i}`)),
    ln_f: layer("ln_f"),
    head: { weight: tensors["token_embedding.weight"].data, bias: tensors.head_bias.data },
  };
}

/**
 * @param {Model} model
 * @returns {KVCache} empty
 */
export function newKVCache({ blocks, block_size, n_embd }) {
  const empty = () => new Float32Array(block_size * n_embd);
  return { time: 0, blocks: blocks.map(() => ({ keys: empty(), values: empty() })) };
}

/**
 * The token embeddings of rows of the vocabulary.
 *
 * @param {Model} model
 * @param {number[]} rows (T,)
 * @returns {Float32Array} (T, C)
 */
export function embed({ head, n_embd }, rows) {
  const x = new Float32Array(rows.length * n_embd);
  rows.forEach((row, t) => {
    x.set(head.weight.subarray(row * n_embd, (row + 1) * n_embd), t * n_embd);
  });
  return x;
}

/**
 * Logits of the token after each new position, over the vocabulary's rows.
 *
 * @param {Model} model
 * @param {Float32Array} x (T, C) embeddings of tokens that the cache has not read
 * @param {object} [options]
 * @param {KVCache} [options.kvCache] grows by the new positions
 * @param {number[][]} [options.silenced] pairs (block, head) of heads that add nothing
 * @param {number} [options.last] of the last few positions only
 * @returns {{logits: Float32Array, attentions: Attention[]}} logits (T or last, V); one attention
 *   for each block
 * @throws {RangeError} for more than block_size positions, those in the cache included
 */
export function forward(model, x, { kvCache = newKVCache(model), silenced = [], last } = {}) {
  const { block_size, n_head, n_embd: C } = model;
  const start = kvCache.time;
  const end = start + x.length / C;
  if (end > block_size) {
    throw new RangeError(`${end} tokens; there are positions for ${block_size}`);
  }
  x = add(x, model.positions.subarray(start * C, end * C));
  /** @type {Attention[]} */
  const attentions = [];
  model.blocks.forEach((block, index) => {
    const heads = silenced.filter(([b]) => b === index).map(([, head]) => head);
    const options = { start, n_head, silenced: heads };
    const normed = layerNorm(x, block.ln_1);
    const attended = selfAttention(normed, block.attn, kvCache.blocks[index], options);
    attentions.push(attended.attention);
    x = add(x, attended.x);
    x = add(x, linear(gelu(linear(layerNorm(x, block.ln_2), block.mlp.fc)), block.mlp.proj));
  });
  kvCache.time = end;
  const hidden = layerNorm(last === undefined ? x : x.subarray(-last * C), model.ln_f);
  return { logits: linear(hidden, model.head), attentions };
}

/**
 * @param {Float32Array} a
 * @param {Float32Array} b
 * @returns {Float32Array}
 */
function add(a, b) {
  return a.map((value, i) => value + b[i]);
}
