/**
 * The tokens whose embeddings are nearest to vectors, by angle and by distance.
 *
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./vocabulary.js").Vocabulary} Vocabulary
 */

/**
 * The likeliest token of each row of the vocabulary, which stands for the row: unknown tokens of a
 * class share theirs.
 *
 * @param {Vocabulary} vocabulary
 * @param {number} rows
 * @returns {{ ids: Int32Array, logPrior: Float32Array }} (rows,) the token and its log-probability
 *   given the row; -1 and -Infinity for a row without tokens
 */
export function representatives({ row, logPrior }, rows) {
  const ids = new Int32Array(rows).fill(-1);
  const best = new Float32Array(rows).fill(-Infinity);
  row.forEach((r, id) => {
    if (logPrior[id] > best[r]) [ids[r], best[r]] = [id, logPrior[id]];
  });
  return { ids, logPrior: best };
}

/**
 * @param {Model} model
 * @param {{ ids: Int32Array }} tokens of each row
 */
export function makeNearest({ head, n_embd }, { ids }) {
  const weight = head.weight;
  const norms = Float64Array.from(ids, (_, r) =>
    norm(weight.subarray(r * n_embd, (r + 1) * n_embd)),
  );

  /**
   * Cosine similarities and distances of one vector to all rows; NaN for a row without tokens.
   *
   * @param {Float32Array} vector (C,)
   */
  function all(vector) {
    const length = norm(vector);
    const cosine = new Float64Array(ids.length).fill(NaN);
    const distance = new Float64Array(ids.length).fill(NaN);
    for (let r = 0; r < ids.length; r++) {
      if (ids[r] < 0) continue;
      let dot = 0;
      let square = 0; // not from the norms, which would lose the digits of small distances
      for (let i = 0, j = r * n_embd; i < n_embd; i++, j++) {
        dot += vector[i] * weight[j];
        square += (vector[i] - weight[j]) ** 2;
      }
      cosine[r] = dot / (length * norms[r]);
      distance[r] = Math.sqrt(square);
    }
    return { cosine, distance };
  }

  return {
    all,

    /**
     * The nearest token to each vector.
     *
     * @param {Float32Array} vectors (time, C)
     */
    firsts(vectors) {
      const found = {
        cosine: { ids: /** @type {number[]} */ ([]), values: /** @type {number[]} */ ([]) },
        distance: { ids: /** @type {number[]} */ ([]), values: /** @type {number[]} */ ([]) },
      };
      for (let start = 0; start < vectors.length; start += n_embd) {
        const { cosine, distance } = all(vectors.subarray(start, start + n_embd));
        let [near, close] = [-1, -1];
        for (let r = 0; r < ids.length; r++) {
          if (ids[r] < 0) continue;
          if (near < 0 || cosine[r] > cosine[near]) near = r;
          if (close < 0 || distance[r] < distance[close]) close = r;
        }
        found.cosine.ids.push(ids[near]);
        found.cosine.values.push(cosine[near]);
        found.distance.ids.push(ids[close]);
        found.distance.values.push(distance[close]);
      }
      return found;
    },
  };
}

/** @param {Float32Array} vector */
function norm(vector) {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}
