import { betaCdf, increasingRoot } from './beta.ts'

/** P(T ≤ t) of Student's t with `df` > 0 degrees of freedom, by the incomplete beta function; absolute error below 1e-13. */
export function studentCdf(t: number, df: number): number {
  const square = t * t
  // Each form is exact where the other cancels.
  const tail =
    square < df ? 0.5 - betaCdf(square / (df + square), 0.5, df / 2) / 2 : betaCdf(df / (df + square), df / 2, 0.5) / 2
  return t > 0 ? 1 - tail : tail
}

/** Quantile of Student's t for 0 < p < 1, by bisection of the tail. Source of the relation: Abramowitz and Stegun, 26.7.1. */
export function studentQuantile(p: number, df: number): number {
  if (p > 0.5) return -studentQuantile(1 - p, df)
  if (p === 0.5) return 0
  let low = -1
  while (studentCdf(low, df) > p) low *= 2
  return increasingRoot((t) => studentCdf(t, df) - p, low, 0)
}
