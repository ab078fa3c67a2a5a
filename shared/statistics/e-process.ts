/**
 * The ten bets of the grid-Kelly e-process: `0.9 · (2/3)^k`, `k = 0…9`, as shares of the largest safe stake. Fixed for
 * ever: sums kept under other bets cannot be added to these.
 */
export const bets: readonly number[] = Array.from({ length: 10 }, (_, k) => 0.9 * (2 / 3) ** k)

/** `Σ_i ln(1 + r_k · y_i / bound)`, one sum per bet. Sums of parts add up to the sums of the whole, in any order. */
export type KellySums = number[]

/** Distinct values and how often each was seen: discrete scores have few, so evidence on them costs next to nothing. */
export type Histogram = ReadonlyMap<number, number>

export function histogramOf(values: Iterable<number>): Histogram {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

/**
 * Log-wealth of each bet that the mean of `values` is above 0.
 * Domain: every value is at least `−bound`, by construction of the score and never by looking at the data.
 */
export function kellySums(values: Histogram | Iterable<number>, bound: number): KellySums {
  const counts = asHistogram(values)
  return bets.map((bet) => {
    let sum = 0
    for (const [value, count] of counts) sum += count * Math.log1p((bet * value) / bound)
    return sum
  })
}

/** `ln( (1/10) · Σ_k exp(sum_k) )`, without overflow. */
export function logEFromSums(sums: KellySums): number {
  const largest = Math.max(...sums)
  const total = sums.reduce((sum, value) => sum + Math.exp(value - largest), 0)
  return largest + Math.log(total / sums.length)
}

/**
 * Natural log of the evidence that E[Y] > 0, for values in `[−bound, ∞)`. Under E[Y] ≤ 0 the chance that it *ever*
 * reaches `ln(1/alpha)` is at most alpha (Ville's inequality), whatever the distribution and however often one looks.
 * Source: Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting (2024): hedged grid Kelly.
 */
export function logE(values: Histogram | Iterable<number>, bound: number): number {
  return logEFromSums(kellySums(values, bound))
}

/** Best average growth of log-wealth per unit over the bets; at or below 0 the evidence is not growing. */
export function growthPerUnit(sums: KellySums, units: number): number {
  return Math.max(...sums) / units
}

export function asHistogram(values: Histogram | Iterable<number>): Histogram {
  return values instanceof Map ? (values as Histogram) : histogramOf(values as Iterable<number>)
}
