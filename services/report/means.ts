import { type Verdict } from '../../shared/contracts/verdict.ts'
import { quantile } from '../../shared/statistics/quantile.ts'
import { isControlled, type Pair, weightedMean } from './pairs.ts'

/** Both arms on the natural scales, over every comparable pair; the control's over the pairs that have one. */
export function meansOf(pairs: readonly Pair[]): Verdict['means'] {
  const controlled = pairs.filter(isControlled)
  return {
    quality: weightedMean(pairs, (pair) => pair.candidate.quality),
    controlQuality: weightedMean(controlled, (pair) => pair.control.quality),
    divergence: weightedMean(pairs, (pair) => pair.candidate.divergence),
    controlDivergence: weightedMean(controlled, (pair) => pair.control.divergence),
    errorRate: weightedMean(pairs, (pair) => Number(pair.candidate.error)),
    controlErrorRate: weightedMean(controlled, (pair) => Number(pair.control.error)),
    ttftP50Ms: median(pairs.map((pair) => pair.candidate.ttftMs)),
    controlTtftP50Ms: median(controlled.map((pair) => pair.control.ttftMs)),
    totalP50Ms: median(pairs.map((pair) => pair.candidate.totalMs)),
    controlTotalP50Ms: median(controlled.map((pair) => pair.control.totalMs)),
    costUsd: weightedMean(pairs, (pair) => pair.candidate.costUsd),
    controlCostUsd: weightedMean(controlled, (pair) => pair.control.costUsd),
  }
}

/** A failure is infinitely slow; where the median falls on one it has no number. */
function median(valuesMs: (number | null)[]): number | null {
  const value = quantile(
    valuesMs.map((ms) => ms ?? Infinity),
    0.5,
  )
  return value === null || !Number.isFinite(value) ? null : value
}
