/**
 * Random numbers that a seed determines, so that a link reopens the same picture.
 *
 * The generator is sfc32 (Doty-Humphrey, PractRand), 128 bits of state.
 *
 * @typedef {{ uniform: () => number, normal: () => number, normals: (n: number) => Float64Array }}
 *   Random
 */

const ROUNDS = 12; // after which the state no longer shows that most of it started the same

/**
 * @param {number} seed a whole number from 0 to 2^32 - 1
 * @returns {Random} `uniform()` in (0, 1), `normal()` from N(0, 1), and `normals(n)`, n of these
 */
export function makeRandom(seed) {
  let a = 0;
  let b = 0;
  let c = seed >>> 0;
  let counter = 1;

  /** The next 32 random bits. */
  function next() {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
  for (let i = 0; i < ROUNDS; i++) next();

  // the half keeps it off 0, whose logarithm is infinite
  const uniform = () => (next() + 0.5) / 2 ** 32;

  // Box and Muller 1958; their second number is dropped, which keeps this without state
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());

  return { uniform, normal, normals: (n) => Float64Array.from({ length: n }, normal) };
}
