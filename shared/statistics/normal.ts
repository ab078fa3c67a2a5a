/**
 * Quantile of the standard normal distribution for `0 < p < 1`, relative accuracy about 1e-16.
 * Source: Wichura, Algorithm AS 241: The percentage points of the normal distribution (1988), routine PPND16.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q
    return (q * polynomial(centre.numerator, r)) / polynomial(centre.denominator, r)
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p))
  const { coefficients, offset } = r <= 5 ? { coefficients: middle, offset: 1.6 } : { coefficients: tail, offset: 5 }
  const value = polynomial(coefficients.numerator, r - offset) / polynomial(coefficients.denominator, r - offset)
  return q < 0 ? -value : value
}

/**
 * P(Z ≤ z) of the standard normal distribution, absolute error below 1e-14 and relative below 1e-13 in the tails to |z| = 37.
 * Source: Hart et al., Computer Approximations (1968), as given by West, Better approximations to cumulative normal
 * functions (2005).
 */
export function normalCdf(z: number): number {
  const distance = Math.abs(z)
  const tail = distance > 37 ? 0 : Math.exp((-distance * distance) / 2) * millsRatio(distance)
  return z > 0 ? 1 - tail : tail
}

/** The upper tail over `exp(−z²/2)`. */
function millsRatio(z: number): number {
  if (z < 7.07106781186547) return polynomial(hart.numerator, z) / polynomial(hart.denominator, z)
  return 1 / (z + 1 / (z + 2 / (z + 3 / (z + 4 / (z + 0.65))))) / 2.506628274631
}

const hart = {
  numerator: [
    220.206867912376, 221.213596169931, 112.079291497871, 33.912866078383, 6.37396220353165, 0.700383064443688,
    0.0352624965998911,
  ],
  denominator: [
    440.413735824752, 793.826512519948, 637.333633378831, 296.564248779674, 86.7807322029461, 16.064177579207,
    1.75566716318264, 0.0883883476483184,
  ],
}

/** Horner's scheme, constant term first. */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0)
}

const centre = {
  numerator: [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227,
  ],
  denominator: [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
}

const middle = {
  numerator: [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  denominator: [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
}

const tail = {
  numerator: [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  denominator: [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
    1.421511758316446e-7, 2.0442631033899397e-15,
  ],
}
