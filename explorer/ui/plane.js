/**
 * The plane on a canvas: axes, points and arrows. Lengths are in pixels of the canvas.
 */

export const REACH = 3; // the plane is drawn from -REACH to REACH, unless showPart says otherwise
export const CLOSE = 2; // as far as this, there is room around the square
const TICK = 10;
const TICKS = [-1, 0, 1];
const HEAD = 0.35; // of an arrow, as a part of its length

/**
 * A colour of the page's style, by the name of its property.
 *
 * @param {Element} element
 * @param {string} name such as --quiet
 */
export function colourOf(element, name) {
  return getComputedStyle(element).getPropertyValue(name);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D} with nothing drawn
 */
export function cleared(canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.clearRect(0, 0, canvas.width, canvas.height);
  return context;
}

/**
 * Ticks at the edges, and the square [-1, 1]^2 if it is the data.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} colour
 * @param {boolean} square
 */
export function axes(context, colour, square) {
  const { canvas } = context;
  Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineWidth: 2 });
  context.font = `${canvas.width / 36}px system-ui, sans-serif`;
  context.beginPath();
  for (const tick of TICKS) {
    const [x, y] = toPixels(canvas, tick, tick);
    context.moveTo(x, canvas.height);
    context.lineTo(x, canvas.height - TICK);
    context.moveTo(0, y);
    context.lineTo(TICK, y);
    const text = String(tick).replace("-", "\u2212");
    Object.assign(context, { textAlign: "center", textBaseline: "bottom" });
    context.fillText(text, x, canvas.height - 1.3 * TICK);
    Object.assign(context, { textAlign: "left", textBaseline: "middle" });
    context.fillText(text, 1.5 * TICK, y);
  }
  if (square) addBox(context, [-1, -1, 1, 1]);
  context.stroke();
}

/**
 * Adds a box of the plane to the path.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} corners left, bottom, right, top
 */
export function addBox(context, [left, bottom, right, top]) {
  const [x, y] = toPixels(context.canvas, left, top);
  const [xEnd, yEnd] = toPixels(context.canvas, right, bottom);
  context.rect(x, y, xEnd - x, yEnd - y);
}

/**
 * Discs at points (n, 2); those that are NaN are not known yet, and left out.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Float64Array} points
 * @param {string} colour
 * @param {number} radius
 */
export function discs(context, points, colour, radius) {
  context.fillStyle = colour;
  for (let i = 0; i < points.length; i += 2) {
    if (Number.isNaN(points[i])) continue;
    context.beginPath();
    context.arc(...toPixels(context.canvas, points[i], points[i + 1]), radius, 0, 2 * Math.PI);
    context.fill();
  }
}

/**
 * An arrow for each point (n, 2).
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Float64Array} points
 * @param {Float64Array} arrows (n, 2), in units of the plane
 * @param {string} colour
 */
export function arrows(context, points, arrows, colour) {
  Object.assign(context, { strokeStyle: colour, lineWidth: 2, lineCap: "round" });
  context.beginPath();
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = toPixels(context.canvas, points[i], points[i + 1]);
    const to = toPixels(context.canvas, points[i] + arrows[i], points[i + 1] + arrows[i + 1]);
    const [dx, dy] = [(to[0] - x) * HEAD, (to[1] - y) * HEAD];
    context.moveTo(x, y);
    context.lineTo(...to);
    for (const side of [-0.6, 0.6]) {
      context.moveTo(...to);
      context.lineTo(to[0] - dx - side * dy, to[1] - dy + side * dx);
    }
  }
  context.stroke();
}

/** How far the canvas shows the plane around its centre. @param {HTMLCanvasElement} canvas */
export function reachOf(canvas) {
  return Number(canvas.dataset.reach ?? REACH);
}

/** @param {HTMLCanvasElement} canvas */
function centreOf({ dataset }) {
  return [Number(dataset.centreX ?? 0), Number(dataset.centreY ?? 0)];
}

/**
 * Shows another part of the plane on a canvas.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} reach
 * @param {[number, number]} centre
 */
export function showPart(canvas, reach, [x, y] = [0, 0]) {
  Object.assign(canvas.dataset, { reach, centreX: x, centreY: y });
}

/** @type {(canvas: HTMLCanvasElement, x: number, y: number) => [number, number]} */
export function toPixels(canvas, x, y) {
  const reach = reachOf(canvas);
  const scale = canvas.width / (2 * reach);
  const [centreX, centreY] = centreOf(canvas);
  return [(reach + x - centreX) * scale, (reach - y + centreY) * scale];
}

/**
 * The point of the plane under a pointer.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {{ clientX: number, clientY: number }} pointer
 * @returns {[number, number]}
 */
export function fromPointer(canvas, { clientX, clientY }) {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const across = (clientX - left) / width;
  const reach = reachOf(canvas);
  const [centreX, centreY] = centreOf(canvas);
  return [
    centreX + reach * (2 * across - 1),
    centreY + reach * (1 - (2 * (clientY - top)) / height),
  ];
}
