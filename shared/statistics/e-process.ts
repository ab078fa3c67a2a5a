/**
 * The ten bets of the grid-Kelly e-process: `0.9 · (2/3)^k`, `k = 0…9`, as shares of the largest safe stake. Fixed for
 * ever: sums kept under other bets cannot be added to these.
 */
export const bets: readonly number[] = Array.from({ length: 10 }, (_, k) => 0.9 * (2 / 3) ** k)

/** `Σ_i ln(1 + r_k · y_i / bound)`, one sum per bet. Sums of parts add up to the sums of the whole, in any order. */
export type KellySums = number[]

/**
 * Values and how often each was seen: discrete scores have few distinct ones, so evidence on them costs next to nothing. What is
 * added up over them may name a value twice.
 */
export type Histogram = { values: Float64Array; times: Float64Array }

function histogramOf(values: Iterable<number>): Histogram {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return { values: Float64Array.from(counts.keys()), times: Float64Array.from(counts.values()) }
}

/**
 * Log-wealth of each bet that the mean of `values` is above 0; with `direction` −1, that it is below.
 * Domain: every value, times the direction, is at least `−bound`, by construction of the score and never by looking at the data.
 */
export function kellySums(values: Histogram | Iterable<number>, bound: number, direction: 1 | -1 = 1): KellySums {
  const counts = asHistogram(values)
  return bets.map((bet) => logWealth(counts, (direction * bet) / bound))
}

/** Logs below the largest by so much add nothing to a sum of their powers that a double could hold. */
const negligible = 40

/**
 * The same, with −∞ for bets whose sum is too small to matter beside the others. For many values most bets are. Not to be added
 * to other sums.
 */
export function leadingSums(counts: Histogram, bound: number, direction: 1 | -1 = 1): KellySums {
  return leading((bet) => logWealth(counts, (direction * bet) / bound), likelyBet(counts, bound * direction))
}

/** `wealth`, which is concave in the bet, from the bet at place `from` on in both directions: once it has fallen it falls on. */
export function leading(wealth: (bet: number, place: number) => number, from: number): KellySums {
  const sums = bets.map(() => -Infinity)
  let largest = wealth(bets[from]!, from)
  sums[from] = largest
  for (const step of [1, -1]) {
    for (let k = from + step; k >= 0 && k < bets.length; k += step) {
      const sum = wealth(bets[k]!, k)
      sums[k] = sum
      largest = Math.max(largest, sum)
      if (sum < largest - negligible) break
    }
  }
  return sums
}

/** Where the best bet is, or near it: wealth grows by about `bet · Σy − bet² · Σy²/2`, the bet as a share of the bound. */
function likelyBet({ values, times }: Histogram, bound: number): number {
  let sum = 0
  let squares = 0
  for (let i = 0; i < values.length; i += 1) {
    const staked = times[i]! * values[i]!
    sum += staked
    squares += staked * values[i]!
  }
  const likely = (bound * sum) / squares
  const last = bets.length - 1
  return likely > 0 ? Math.min(last, Math.max(0, Math.round(Math.log(likely / 0.9) / Math.log(2 / 3)))) : last
}

function logWealth({ values, times }: Histogram, scale: number): number {
  let sum = 0
  // Not log1p: it costs twice as much, and what it saves of a small stake is 1e-16 of a unit.
  for (let i = 0; i < values.length; i += 1) sum += times[i]! * Math.log(1 + scale * values[i]!)
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
  return 'times' in values ? values : histogramOf(values)
}
