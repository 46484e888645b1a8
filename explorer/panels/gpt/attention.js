/** What the prediction of one token attended to. */

const SHOWN = 3; // positions that the sentence names

/**
 * The attention of one position to itself and to those before it.
 *
 * @param {{scores: number[][][], weights: number[][][]}} attention (heads, time, time)
 * @param {object} choice
 * @param {number} choice.position
 * @param {number | null} choice.head null: the mean over heads
 * @param {string} choice.quantity "weight" or "score"
 * @returns {number[]} (position + 1,)
 */
export function rowOf({ scores, weights }, { position, head, quantity }) {
  const all = quantity === "score" ? scores : weights;
  const heads = head === null ? all : [all[head]];
  return Array.from({ length: position + 1 }, (_, s) => {
    return heads.reduce((sum, rows) => sum + rows[position][s], 0) / heads.length;
  });
}

/**
 * How strongly to colour each position: weights from 0 to the greatest of the row, scores, which
 * have no natural zero, from the least to the greatest.
 *
 * @param {number[]} row
 * @param {string} quantity
 * @returns {number[]} from 0 to 1
 */
export function shadesOf(row, quantity) {
  const least = quantity === "score" && row.length > 1 ? Math.min(...row) : 0;
  const range = Math.max(...row) - least;
  return row.map((value) => (range > 0 ? (value - least) / range : 1));
}

/**
 * The positions with the greatest values, the greatest first.
 *
 * @param {number[]} row
 * @returns {number[]}
 */
export function strongest(row) {
  const order = row.map((_, position) => position).sort((a, b) => row[b] - row[a]);
  return order.slice(0, SHOWN);
}
