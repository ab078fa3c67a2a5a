import { type Interval } from './confidence-sequence.ts'
import { areEqual, meanOfValues, varianceOf } from './moments.ts'
import { studentCdf, studentQuantile } from './student-t.ts'

export type PairedMean = Interval & {
  mean: number
  standardError: number
  /** Of "the mean is at or below low": small is proof that it is above. */
  pAboveLow: number
  pBelowHigh: number
  /** The larger of the two: small is proof that the mean lies between low and high. */
  pEquivalent: number
}

/**
 * Two one-sided t-tests on paired differences, and their interval of level 1 − 2·alpha: `t_L = (m − low)/se`,
 * `t_U = (m − high)/se`, `m ± t_{1−alpha, n−1} · se` with `se = sd/√n`. For one look that was planned beforehand; null for
 * fewer than two differences or none that differ, where the e-process decides.
 * Source: Schuirmann (1987); Lakens, Equivalence tests (2017).
 */
export function pairedMean(
  differences: readonly number[],
  { low, high }: { low: number; high: number },
  alpha: number,
): PairedMean | null {
  const [mean, variance] = [meanOfValues(differences), varianceOf(differences)]
  if (mean === null || variance === null || areEqual(differences)) return null
  const df = differences.length - 1
  const standardError = Math.sqrt(variance / differences.length)
  const pAboveLow = studentCdf((low - mean) / standardError, df)
  const pBelowHigh = studentCdf((mean - high) / standardError, df)
  const half = studentQuantile(1 - alpha, df) * standardError
  const pEquivalent = Math.max(pAboveLow, pBelowHigh)
  return { mean, standardError, lower: mean - half, upper: mean + half, pAboveLow, pBelowHigh, pEquivalent }
}
