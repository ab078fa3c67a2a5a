/**
 * The ten bets of the grid-Kelly e-process: `0.9 · (2/3)^k`, `k = 0…9`, as shares of the largest safe stake. Fixed for
 * ever: sums kept under other bets cannot be added to these.
 */
export const bets: readonly number[] = Array.from({ length: 10 }, (_, k) => 0.9 * (2 / 3) ** k)

/** `Σ_i ln(1 + r_k · y_i / bound)`, one sum per bet. Sums of parts add up to the sums of the whole, in any order. */
export type KellySums = number[]

/** Distinct values and how often each was seen: discrete scores have few, so evidence on them costs next to nothing. */
export type Histogram = ReadonlyMap<number, number>

function histogramOf(values: Iterable<number>): Histogram {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

/**
 * Log-wealth of each bet that the mean of `values` is above 0; with `direction` −1, that it is below.
 * Domain: every value, times the direction, is at least `−bound`, by construction of the score and never by looking at the data.
 */
export function kellySums(values: Histogram | Iterable<number>, bound: number, direction: 1 | -1 = 1): KellySums {
  const { stakes, seen } = stakesOf(values, bound, direction)
  return bets.map((bet) => logWealth(stakes, seen, bet))
}

/** Logs below the largest by so much add nothing to a sum of their powers that a double could hold. */
const negligible = 50

/**
 * The same, with −∞ for bets whose sum is too small to matter beside the others: log-wealth is concave in the bet and 0 at
 * bet 0, so once it has fallen it falls on. For many values most bets are. Not to be added to other sums.
 */
export function leadingSums(values: Histogram | Iterable<number>, bound: number, direction: 1 | -1 = 1): KellySums {
  const { stakes, seen } = stakesOf(values, bound, direction)
  return leading((bet) => logWealth(stakes, seen, bet))
}

/** `wealth`, concave in the bet and 0 at bet 0, from the smallest bet on. */
export function leading(wealth: (bet: number) => number): KellySums {
  const sums = bets.map(() => -Infinity)
  let largest = -Infinity
  for (let k = bets.length - 1; k >= 0; k -= 1) {
    const sum = wealth(bets[k]!)
    sums[k] = sum
    largest = Math.max(largest, sum)
    if (sum < largest - negligible) break
  }
  return sums
}

function stakesOf(values: Histogram | Iterable<number>, bound: number, direction: 1 | -1) {
  const counts = asHistogram(values)
  const [stakes, seen] = [new Float64Array(counts.size), new Float64Array(counts.size)]
  let at = 0
  for (const [value, times] of counts) {
    stakes[at] = (direction * value) / bound
    seen[at] = times
    at += 1
  }
  return { stakes, seen }
}

function logWealth(stakes: Float64Array, seen: Float64Array, bet: number): number {
  let sum = 0
  // Not log1p: it costs twice as much, and what it saves of a small stake is 1e-16 of a unit.
  for (let i = 0; i < stakes.length; i += 1) sum += seen[i]! * Math.log(1 + bet * stakes[i]!)
  return sum
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
