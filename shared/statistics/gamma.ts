const lnSqrt2Pi = Math.log(2 * Math.PI) / 2
/** `B_2k / (2k (2k − 1))`, the coefficients of Stirling's series in 1/x, 1/x³, … */
const stirling = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156]
/** From here on the series is exact to a double. */
const large = 15

/**
 * Natural log of Γ(x) for x > 0, absolute error about 1e-14 · max(1, |ln Γ|). Below 15 by `Γ(x) = Γ(x + 1)/x`.
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 6.1.15 and 6.1.41.
 */
export function logGamma(x: number): number {
  let product = 1
  let shifted = x
  for (; shifted < large; shifted += 1) product *= shifted
  return (shifted - 0.5) * Math.log(shifted) - shifted + lnSqrt2Pi + series(shifted) - Math.log(product)
}

/**
 * `ln Γ(x + 1) − ( (x + ½) ln x − x + ½ ln 2π )`: what Stirling's formula lacks, without the cancellation of large numbers.
 * For x ≥ 0. Source: Loader, Fast and accurate computation of binomial probabilities (2000).
 */
export function stirlingError(x: number): number {
  if (x >= large) return series(x)
  return x === 0 ? Infinity : logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - lnSqrt2Pi
}

function series(x: number): number {
  const inverse = 1 / (x * x)
  return stirling.reduceRight((sum, coefficient) => sum * inverse + coefficient, 0) / x
}
