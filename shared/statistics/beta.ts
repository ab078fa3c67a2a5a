import { binomialTerm } from './binomial-term.ts'

const tiny = 1e-300
const maxTerms = 100_000

/**
 * Regularized incomplete beta function `I_x(a, b)`: the distribution function of Beta(a, b). For a, b > 0 and x in [0, 1],
 * relative error about 1e-13. Continued fraction by Lentz's method, on the side of the mean where it converges fast.
 * Source: Press et al., Numerical Recipes (2007), 6.4; the factor before it by Loader (2000).
 */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const factor = (binomialTerm(a, b, x, 1 - x) * a * b) / (a + b)
  return x < (a + 1) / (a + b + 2)
    ? (factor * continuedFraction(x, a, b)) / a
    : 1 - (factor * continuedFraction(1 - x, b, a)) / b
}

function continuedFraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m <= maxTerms; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / awayFromZero(1 + even * d)
    c = awayFromZero(1 + even / c)
    fraction *= c * d
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / awayFromZero(1 + odd * d)
    c = awayFromZero(1 + odd / c)
    fraction *= c * d
    if (Math.abs(c * d - 1) < Number.EPSILON) break
  }
  return fraction
}

const awayFromZero = (value: number) => (Math.abs(value) < tiny ? tiny : value)

/** Quantile of Beta(a, b): the x with `I_x(a, b) = p`, by bisection to the last bits. */
export function betaQuantile(p: number, a: number, b: number): number {
  return increasingRoot((x) => betaCdf(x, a, b) - p, 0, 1)
}

/** Where an increasing function crosses 0 between `low` and `high`, to the resolution of a double. */
export function increasingRoot(f: (x: number) => number, low: number, high: number): number {
  for (;;) {
    const middle = low + (high - low) / 2
    if (middle <= low || middle >= high) return middle
    if (f(middle) < 0) low = middle
    else high = middle
  }
}
