import { sumOf } from './moments.ts'

export type Weighted = { value: number; weight: number }

/**
 * Hájek's mean of a sample with unequal chances, weights the inverse inclusion probabilities: `m = Σ w y / Σ w`,
 * `Var = n/(n − 1) · Σ (w (y − m) / Σ w)²`. Null without a weight above 0; the standard error is null for fewer than two.
 * Source: Hájek (1971); Särndal, Swensson and Wretman (1992).
 */
export function hajekMean(sample: readonly Weighted[]): { mean: number; standardError: number | null } | null {
  const weights = sumOf(sample.map(({ weight }) => weight))
  if (!(weights > 0)) return null
  const mean = sumOf(sample.map(({ value, weight }) => value * weight)) / weights
  const n = sample.length
  if (n < 2) return { mean, standardError: null }
  const squares = sumOf(sample.map(({ value, weight }) => ((weight * (value - mean)) / weights) ** 2))
  return { mean, standardError: Math.sqrt((n / (n - 1)) * squares) }
}

/** How many equally weighted values say as much: `(Σ w)² / Σ w²`. Source: Kish, Survey Sampling (1965). */
export function effectiveSize(weights: readonly number[]): number {
  const squares = sumOf(weights.map((weight) => weight * weight))
  return squares === 0 ? 0 : sumOf(weights) ** 2 / squares
}
