import { binomialCdf } from './binomial.ts'
import { normalQuantile } from './normal.ts'
import { quantile } from './quantile.ts'

/** An end is null where too few values lie beyond it: that side is unbounded. */
export type QuantileInterval = { lower: number | null; upper: number | null }

/**
 * Interval for the tau-quantile of independent values, level at least 1 − 2·alpha whatever their distribution: the order
 * statistics of ranks `max{r : P(Bin(n, tau) ≤ r − 1) ≤ alpha}` and `min{r : P(Bin(n, tau) ≤ r − 1) ≥ 1 − alpha}`.
 * Source: Thompson (1936); David and Nagaraja, Order Statistics (2003), 7.1.
 */
export function quantileInterval(values: readonly number[], tau: number, alpha: number): QuantileInterval {
  const ascending = Float64Array.from(values).toSorted()
  const { lower, upper } = quantileRanks(ascending.length, tau, alpha)
  return { lower: ascending[lower - 1] ?? null, upper: ascending[upper - 1] ?? null }
}

/** The ranks of that interval among n values; 0 and n + 1 where that side is unbounded. */
export function quantileRanks(n: number, tau: number, alpha: number): { lower: number; upper: number } {
  const below = (rank: number) => binomialCdf(rank - 1, n, tau)
  return {
    lower: firstRank(n, (rank) => below(rank) > alpha) - 1,
    upper: firstRank(n, (rank) => below(rank) >= 1 - alpha),
  }
}

/** The first of 1…n for which a claim holds that stays true once it is; n + 1 where it never does. */
function firstRank(n: number, holds: (rank: number) => boolean): number {
  let [low, high] = [1, n + 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

export type LatencyPair = { candidate: number; control: number; cluster?: string }

/**
 * Interval for the ratio of two paired quantiles, candidate over control, level 1 − 2·alpha: Woodruff's limits of each arm,
 * put together on the log scale with the correlation of the indicators (MOVER). A failure is Infinity. Pairs of one `cluster`
 * belong together; without, each pair is its own. Values above 0; an end whose ingredient is missing is null.
 * Source: Woodruff (1952); Donner and Zou (2012); clusters as in Deng, Knoblich and Lu (2018).
 */
export function quantileRatio(
  pairs: readonly LatencyPair[],
  tau: number,
  alpha: number,
): QuantileInterval & { ratio: number | null } {
  const candidate = woodruff(pairs, ({ candidate: ms }) => ms, tau, alpha)
  const control = woodruff(pairs, ({ control: ms }) => ms, tau, alpha)
  const ratio = candidate.estimate !== null && control.estimate !== null ? candidate.estimate / control.estimate : null
  if (ratio === null || !Number.isFinite(ratio)) return { ratio: null, lower: null, upper: null }
  const rho = correlation(candidate.sums, control.sums)
  const end = (sign: 1 | -1, ours: number | null, theirs: number | null) => {
    if (ours === null || theirs === null || !Number.isFinite(ours) || !Number.isFinite(theirs)) return null
    const [a, b] = [Math.log(ours / candidate.estimate!), Math.log(theirs / control.estimate!)]
    return ratio * Math.exp(sign * Math.sqrt(Math.max(0, a * a + 2 * rho * a * b + b * b)))
  }
  return {
    ratio,
    // The two distances point in opposite directions, hence the plus before rho.
    lower: end(-1, candidate.lower, control.upper),
    upper: end(1, candidate.upper, control.lower),
  }
}

function woodruff(pairs: readonly LatencyPair[], value: (pair: LatencyPair) => number, tau: number, alpha: number) {
  const n = pairs.length
  const ascending = Float64Array.from(pairs, value).toSorted()
  const estimate = quantile(pairs.map(value), tau)
  const within = pairs.map((pair) => Number(estimate !== null && value(pair) <= estimate))
  const sums = clusterSums(pairs, within)
  const isClustered = sums.length < n
  const squares = sums.reduce((sum, each) => sum + each * each, 0)
  const variance = isClustered ? ((sums.length / (sums.length - 1)) * squares) / (n * n) : (tau * (1 - tau)) / n
  const reach = normalQuantile(1 - alpha) * Math.sqrt(variance)
  const at = (rank: number) => ascending[rank - 1] ?? null
  return { estimate, sums, lower: at(Math.floor(n * (tau - reach))), upper: at(Math.ceil(n * (tau + reach))) }
}

/** `Σ (I − mean I)` of each cluster. */
function clusterSums(pairs: readonly LatencyPair[], within: readonly number[]): number[] {
  const mean = within.reduce((sum, each) => sum + each, 0) / within.length
  const sums = new Map<string | number, number>()
  for (const [index, { cluster = index }] of pairs.entries()) {
    sums.set(cluster, (sums.get(cluster) ?? 0) + within[index]! - mean)
  }
  return [...sums.values()]
}

function correlation(x: readonly number[], y: readonly number[]): number {
  const product = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, index) => sum + value * b[index]!, 0)
  const spread = Math.sqrt(product(x, x) * product(y, y))
  return spread === 0 ? 0 : Math.max(-1, Math.min(1, product(x, y) / spread))
}
