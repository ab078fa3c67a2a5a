import { normalQuantile } from './normal.ts'

/** Log of the number of bets: the wealth that the nine bets that turn out worse may cost. */
const logBets = Math.log(10)

/**
 * Units until the e-process proves E[Y] > 0 with the given power: `mean` = E[Y] (the margin when truly equal), `sd` of
 * the units, `bound` = the lowest Y can be, as a positive number. Infinity where the mean is not above 0.
 */
export function sequentialUnits(plan: {
  sd: number
  mean: number
  bound: number
  alpha: number
  power: number
}): number {
  if (plan.mean <= 0) return Infinity
  const needed = Math.log(1 / plan.alpha) + 0.8
  const z = normalQuantile(plan.power)
  const byVariance = (((z + Math.sqrt(z * z + 2 * needed)) * plan.sd) / plan.mean) ** 2
  return Math.ceil(Math.hypot(byVariance, sequentialFloor(plan)))
}

/**
 * The smallest E[Y] that so many units prove with the given power, by their spread: `sd · (z + √(z² + 2c)) / √units`, the
 * inverse of `sequentialUnits` where its floor does not matter.
 */
export function resolvableMean(seen: { sd: number; units: number; alpha: number; power: number }): number {
  const z = normalQuantile(seen.power)
  const needed = Math.log(1 / seen.alpha) + 0.8
  return (seen.sd * (z + Math.sqrt(z * z + 2 * needed))) / Math.sqrt(seen.units)
}

/** Units below which not even identical answers pass: unseen rare catastrophes are not excluded sooner. */
export function sequentialFloor(plan: { mean: number; bound: number; alpha: number }): number {
  return (Math.log(1 / plan.alpha) + logBets) / Math.log1p((0.9 * plan.mean) / plan.bound)
}

/**
 * Units for one planned look: `( (z_{1−alpha} + z_power) · sd / (margin + difference) )² · designEffect`. `equivalence`: both
 * sides at a true difference of 0, with `z_{1−(1−power)/2}` for the power. Infinity where the difference uses up the margin.
 * Source: Julious, Sample sizes for clinical trials with normal data (2004).
 */
export function fixedUnits(plan: {
  sd: number
  margin: number
  alpha: number
  power: number
  /** Candidate minus control, as it truly is. */
  difference?: number
  designEffect?: number
  equivalence?: boolean
}): number {
  const { sd, margin, alpha, power, difference = 0, designEffect = 1, equivalence = false } = plan
  const distance = margin + difference
  if (distance <= 0) return Infinity
  const z = normalQuantile(1 - alpha) + normalQuantile(equivalence ? 1 - (1 - power) / 2 : power)
  return Math.ceil(((z * sd) / distance) ** 2 * designEffect)
}

/** Standard deviation of a paired difference of passes: `√(p10 + p01 − (p10 − p01)²)`. */
export function pairedPassSd(onlyCandidate: number, onlyControl: number): number {
  return Math.sqrt(onlyCandidate + onlyControl - (onlyCandidate - onlyControl) ** 2)
}
