import { growthPerUnit, type KellySums, logEFromSums } from './e-process.ts'
import { sequentialUnits } from './planning.ts'

const plannedPower = 0.8

/** How many more units, under three assumptions; null: not expected to get there. */
export type MoreUnits = { atObservedRate: number | null; ifTrulyEqual: number | null; atLowerBound: number | null }

/**
 * More units until the evidence reaches `ln(1/alpha)`.
 * `sums` of the `units` seen so far; `sd` of the units; `bound` the lowest a unit can be, as a positive number;
 * `meanIfEqual` the E[Y] of two equal arms; `lower` the lower end of the confidence sequence of E[Y].
 */
export function moreUnits(seen: {
  sums: KellySums
  units: number
  sd: number
  bound: number
  alpha: number
  meanIfEqual: number
  lower: number
}): MoreUnits {
  const planned = (mean: number) => {
    const total = sequentialUnits({ ...seen, mean, power: plannedPower })
    return Number.isFinite(total) ? Math.max(0, total - seen.units) : null
  }
  const proven = logEFromSums(seen.sums) >= Math.log(1 / seen.alpha)
  if (proven) return { atObservedRate: 0, ifTrulyEqual: 0, atLowerBound: 0 }
  return {
    atObservedRate: moreAtObservedRate(seen),
    ifTrulyEqual: planned(seen.meanIfEqual),
    atLowerBound: planned(seen.lower),
  }
}

/** Units until `ln(1/alpha)` if log-wealth keeps growing as it has so far; null where it does not grow. */
export function moreAtObservedRate(seen: { sums: KellySums; units: number; alpha: number }): number | null {
  if (seen.units === 0) return null
  const missing = Math.log(1 / seen.alpha) - logEFromSums(seen.sums)
  if (missing <= 0) return 0
  const growth = growthPerUnit(seen.sums, seen.units)
  return growth > 0 ? Math.ceil(missing / growth) : null
}
