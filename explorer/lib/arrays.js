/**
 * Arrays as the stage `explorer` packs them (lab/page/pack.py): base64 of gzip of little-endian
 * numbers.
 *
 * @typedef {{ dtype: string, shape: number[], data: string }} Packed
 * @typedef {Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array}
 *   Numbers
 * @typedef {{ shape: number[], data: Numbers }} Tensor row-major
 */

/** @type {Record<string, (buffer: ArrayBuffer) => Numbers>} */
const VIEWS = {
  uint8: (buffer) => new Uint8Array(buffer),
  uint16: (buffer) => new Uint16Array(buffer),
  uint32: (buffer) => new Uint32Array(buffer),
  int32: (buffer) => new Int32Array(buffer),
  float16: (buffer) => {
    const table = Float32Array.from({ length: 2 ** 16 }, (_, bits) => fromHalf(bits));
    return new Float32Array(new Uint16Array(buffer)).map((bits) => table[bits]);
  },
  float32: (buffer) => new Float32Array(buffer),
  float64: (buffer) => new Float64Array(buffer),
};

/**
 * A copy of `tree`, which is plain JSON, with each packed array in it as a Tensor.
 *
 * @param {any} tree
 * @returns {Promise<any>}
 */
export async function unpack(tree) {
  if (tree === null || typeof tree !== "object") return tree;
  if (Array.isArray(tree)) return Promise.all(tree.map(unpack));
  if (isPacked(tree)) {
    return { shape: tree.shape, data: VIEWS[tree.dtype](await gunzip(fromBase64(tree.data))) };
  }
  const entries = Object.entries(tree).map(async ([key, value]) => [key, await unpack(value)]);
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * The number whose IEEE 754 half-precision bits these are. Browsers have no Float16Array everywhere.
 *
 * @param {number} bits 0 to 65,535
 * @returns {number}
 */
export function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}

/** @param {any} tree */
function isPacked(tree) {
  return typeof tree.data === "string" && typeof tree.dtype === "string" && tree.dtype in VIEWS;
}

/** @param {string} text */
function fromBase64(text) {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i); // of millions
  return bytes;
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function gunzip(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
