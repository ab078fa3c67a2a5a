import { type Interval } from './confidence-sequence.ts'

/** The look for which the interval is narrowest. */
const plannedUnits = 5_000
/** Below this the limit theorem behind it has not set in. */
const burnInUnits = 500

/**
 * Interval for a mean that holds at every look, level 1 − 2·alpha, for values without bounds; approximately, and not where
 * rare catastrophes hide: for reports, never for verdicts. `m ± se · √( 2(n r² + 1)/(n r²) · ln(1 + √(n r² + 1)/(2 alpha)) )`
 * with `r² = (−2 ln 2a + ln(1 − 2 ln 2a))/5000`, a = alpha, one alpha at each end. Null before 500 units. Take
 * `standardError` from `clusteredMean`. Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024).
 */
export function asymptoticSequence(
  { mean, standardError, units }: { mean: number; standardError: number; units: number },
  alpha: number,
): Interval | null {
  if (units < burnInUnits) return null
  const half = standardError * sequentialZ(units, alpha)
  return { lower: mean - half, upper: mean + half }
}

/** What takes the place of the normal quantile when one looks at every unit. */
export function sequentialZ(units: number, alpha: number): number {
  const log = Math.log(2 * alpha)
  const scaled = (units * (-2 * log + Math.log(1 - 2 * log))) / plannedUnits
  return Math.sqrt(((2 * (scaled + 1)) / scaled) * Math.log(1 + Math.sqrt(scaled + 1) / (2 * alpha)))
}
