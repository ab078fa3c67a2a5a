import { type LatencyQuantile } from '../../../shared/contracts/report.ts'
import { quantileRanks } from '../../../shared/statistics/quantile-interval.ts'

/** One-sided level of the displayed intervals, which decide nothing. */
export const displayAlpha = 0.05

/** With fewer, a p99 is the luck of a handful of requests. */
const minForP99 = 500

const taus = [0.5, 0.9, 0.95, 0.99]

/** An order statistic to look up: rank 1 to count. */
export type QuantileLevel = { tau: number; end: 'ms' | 'lowerMs' | 'upperMs'; rank: number; count: number }

/** The ranks of every quantile that so many values can tell, and of its interval's ends. */
export function quantileLevels(count: number): QuantileLevel[] {
  if (count === 0) return []
  return taus
    .filter((tau) => tau < 0.99 || count >= minForP99)
    .flatMap((tau) => {
      const { lower, upper } = quantileRanks(count, tau, displayAlpha)
      const middle = Math.min(count, Math.max(1, Math.ceil(count * tau - 1e-9)))
      const ends = [
        { tau, end: 'ms', rank: middle, count },
        { tau, end: 'lowerMs', rank: lower, count },
        { tau, end: 'upperMs', rank: upper, count },
      ] as const
      // A rank that there is none of means: unbounded on that side.
      return ends.filter(({ rank }) => rank >= 1 && rank <= count)
    })
}

export function quantilesOf(values: readonly { level: QuantileLevel; ms: number | null }[]): LatencyQuantile[] {
  const quantiles = new Map<number, LatencyQuantile>()
  for (const { level, ms } of values) {
    const quantile = quantiles.get(level.tau) ?? { tau: level.tau, ms: null, lowerMs: null, upperMs: null }
    quantiles.set(level.tau, { ...quantile, [level.end]: ms })
  }
  return [...quantiles.values()]
}
