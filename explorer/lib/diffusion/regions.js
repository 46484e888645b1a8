/**
 * The classes' regions, boxes of the plane (lookingglass/diffusion/regions.py).
 *
 * @param {number[][]} regions each class's left, bottom, right, top
 * @param {number} x
 * @param {number} y
 * @returns {number} the first class whose region has the point, edges included; -1 for none
 */
export function classOf(regions, x, y) {
  return regions.findIndex(
    ([left, bottom, right, top]) => x >= left && x <= right && y >= bottom && y <= top,
  );
}
