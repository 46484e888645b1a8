/**
 * The distribution that classifier-free guidance is commonly thought to sample (Ho and Salimans 2022,
 * arXiv 2207.12598, section 3), proportional to p(x) p(class | x)^(1 + w), or, which is the same, to
 * p(x | class) p(class | x)^w.
 *
 * All densities are at one noise level: without noise p(class | x) would be 0 or 1, and w without
 * effect.
 *
 * @typedef {import("../random.js").Random} Random
 * @typedef {import("./load.js").Diffusion} Diffusion
 */

/**
 * @param {Diffusion} diffusion
 * @param {number} label the class
 * @param {number} strength w, at least 0
 * @param {number} sigma
 */
export function tilted(diffusion, label, strength, sigma) {
  const [given, all] = [diffusion.truthOf(label), diffusion.truthOf(null)];
  const logWeight = Math.log(classWeight(diffusion, label));

  /** log p(class | x). @param {Float64Array} x (n, 2) */
  function logPosterior(x) {
    const without = all.logDensity(x, sigma);
    return given.logDensity(x, sigma).map((value, i) => logWeight + value - without[i]);
  }

  return {
    /**
     * The log density in nats, up to a constant.
     *
     * @param {Float64Array} x (n, 2)
     * @returns {Float64Array} (n)
     */
    logDensity(x) {
      const posterior = logPosterior(x);
      return given.logDensity(x, sigma).map((value, i) => value + strength * posterior[i]);
    },

    /**
     * An exact draw, by rejection: points of the class are kept with probability p(class | x)^w.
     *
     * @param {Random} random
     * @returns {Generator<void, Float64Array, void>} yields after each refusal, since a class that
     *   is nowhere alone may need many
     */
    *draw(random) {
      for (;;) {
        const x = given.sample(1, random).map((value) => value + sigma * random.normal());
        if (Math.log(random.uniform()) < strength * logPosterior(x)[0]) return x;
        yield;
      }
    },
  };
}

/**
 * p(class): its share of the square's area, or of a user's own points.
 *
 * @param {Diffusion} diffusion
 * @param {number} label
 */
export function classWeight({ square, regions, labels }, label) {
  if (!square) return labels.filter((other) => other === label).length / labels.length;
  const areas = regions.map(([left, bottom, right, top]) => (right - left) * (top - bottom));
  return areas[label] / areas.reduce((sum, area) => sum + area, 0);
}
