import { binomialCdf } from './binomial.ts'

export type RateTest = {
  /** Requests that the test needs. */
  requests: number
  /** So many failures among them, and the rate has risen; one less, and nothing is shown. */
  failures: number
}

/**
 * The fewest requests with which an exact one-sided binomial test at level `alpha` sees a rate of `to` with the given power
 * where `from` was expected: `failures` is the least k with P(Bin(n, from) ≥ k) ≤ alpha, and P(Bin(n, to) ≥ k) ≥ power.
 * 0 ≤ from < to ≤ 1. The power is a saw in n; this is the first tooth within doubling and halving that reaches it, so a
 * slightly smaller n may do as well. For one planned look. Infinity where `to` is not above `from`.
 */
export function rateRegression(plan: { from: number; to: number; alpha: number; power: number }): RateTest {
  const { from, to, alpha, power } = plan
  if (to <= from) return { requests: Infinity, failures: Infinity }
  const failuresFor = (n: number) => leastFailures(n, from, alpha)
  const isEnough = (n: number) => 1 - binomialCdf(failuresFor(n) - 1, n, to) >= power
  let [low, high] = [0, 1]
  while (!isEnough(high)) [low, high] = [high, high * 2]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (isEnough(middle)) high = middle
    else low = middle
  }
  return { requests: high, failures: failuresFor(high) }
}

/** The least k with P(Bin(n, p) ≥ k) ≤ alpha. */
export function leastFailures(n: number, p: number, alpha: number): number {
  let [low, high] = [0, n + 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (1 - binomialCdf(middle - 1, n, p) <= alpha) high = middle
    else low = middle
  }
  return high
}
