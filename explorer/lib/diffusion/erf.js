/**
 * The error function and its scaled complement, to about 1e-16 (relative).
 *
 * Rational Chebyshev approximations of Cody 1969, "Rational Chebyshev approximations for the error
 * function", with the coefficients of his program CALERF. Each list is in falling powers.
 */

const NEAR = 0.46875; // below this the first of three approximations is used
const FAR = 4; // from here on the last

const ERF_P = [
  1.85777706184603153e-1, 3.1611237438705656, 113.864154151050156, 377.485237685302021,
  3209.37758913846947,
];
const ERF_Q = [
  1, 23.6012909523441209, 244.024637934444173, 1282.61652607737228, 2844.23683343917062,
];
const MIDDLE_P = [
  2.15311535474403846e-8, 0.564188496988670089, 8.88314979438837594, 66.1191906371416295,
  298.635138197400131, 881.95222124176909, 1712.04761263407058, 2051.07837782607147,
  1230.33935479799725,
];
const MIDDLE_Q = [
  1, 15.7449261107098347, 117.693950891312499, 537.181101862009858, 1621.38957456669019,
  3290.79923573345963, 4362.61909014324716, 3439.36767414372164, 1230.33935480374942,
];
const FAR_P = [
  1.63153871373020978e-2, 0.305326634961232344, 0.360344899949804439, 0.125781726111229246,
  1.60837851487422766e-2, 6.58749161529837803e-4,
];
const FAR_Q = [
  1, 2.56852019228982242, 1.87295284992346725, 0.527905102951428412, 6.05183413124413191e-2,
  2.33520497626869185e-3,
];

/**
 * @param {number} x
 * @returns {number} 2 / sqrt(pi) times the integral of exp(-u^2) from 0 to x
 */
export function erf(x) {
  const y = Math.abs(x);
  if (y <= NEAR) return (x * polynomial(ERF_P, y * y)) / polynomial(ERF_Q, y * y);
  return Math.sign(x) * (1 - Math.exp(-y * y) * erfcx(y));
}

/**
 * @param {number} x at least 0
 * @returns {number} exp(x^2) (1 - erf(x)), which falls as slowly as 1 / x
 */
export function erfcx(x) {
  if (x <= NEAR) return Math.exp(x * x) * (1 - erf(x));
  if (x <= FAR) return polynomial(MIDDLE_P, x) / polynomial(MIDDLE_Q, x);
  const z = 1 / (x * x);
  return (1 / Math.sqrt(Math.PI) - (z * polynomial(FAR_P, z)) / polynomial(FAR_Q, z)) / x;
}

/**
 * Horner's rule.
 *
 * @param {number[]} coefficients
 * @param {number} x
 */
function polynomial(coefficients, x) {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * x + coefficient;
  return sum;
}
