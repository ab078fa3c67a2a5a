import { type Interval } from './confidence-sequence.ts'
import { areEqual, sumOf } from './moments.ts'
import { studentQuantile } from './student-t.ts'

/** With fewer clusters an interval is not worth the name. */
const minClusters = 10

export type ClusteredMean = {
  mean: number
  standardError: number
  /** How many times the variance of as many independent values; null where the values do not vary. */
  designEffect: number | null
  /** Level 1 − 2·alpha; null below ten clusters. */
  interval: Interval | null
}

/**
 * Mean of all values with a standard error that allows for clusters: `u_g = Σ w (y − m) / Σ w`,
 * `V = G/(G − 1) · Σ u_g²` (CR1), interval by Student's t with G − 1 degrees of freedom. `weights`: inverse inclusion
 * probabilities, 1 by default; the mean is then Hájek's. Null for fewer than two clusters.
 * Source: Liang and Zeger (1986); Miller, Adding Error Bars to Evals (2024).
 */
export function clusteredMean(
  clusters: readonly (readonly { value: number; weight?: number }[])[],
  alpha: number,
): ClusteredMean | null {
  const count = clusters.length
  const members = clusters.flat().map(({ value, weight = 1 }) => ({ value, weight }))
  if (count < 2 || members.length === 0) return null
  const weights = sumOf(members.map(({ weight }) => weight))
  const mean = sumOf(members.map(({ value, weight }) => value * weight)) / weights
  const residual = ({ value, weight = 1 }: { value: number; weight?: number }) => (weight * (value - mean)) / weights
  const between = sumOf(clusters.map((cluster) => sumOf(cluster.map(residual)) ** 2))
  const alone = sumOf(members.map((member) => residual(member) ** 2))
  const variance = (count / (count - 1)) * between
  const independent = (members.length / (members.length - 1)) * alone
  const standardError = Math.sqrt(variance)
  const half = studentQuantile(1 - alpha, count - 1) * standardError
  return {
    mean,
    standardError,
    designEffect: areEqual(members.map(({ value }) => value)) ? null : variance / independent,
    interval: count < minClusters ? null : { lower: mean - half, upper: mean + half },
  }
}
