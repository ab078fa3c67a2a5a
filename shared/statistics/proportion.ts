import { betaQuantile } from './beta.ts'
import { type Interval } from './confidence-sequence.ts'
import { normalQuantile } from './normal.ts'

/**
 * Score interval of level 1 − 2·alpha for a rate of `hits` in `n` > 0:
 * `(p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)`. Source: Wilson (1927).
 */
export function wilson(hits: number, n: number, alpha: number): Interval {
  const z = normalQuantile(1 - alpha)
  const p = hits / n
  const centre = p + (z * z) / (2 * n)
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))
  const scale = 1 + (z * z) / n
  return {
    lower: hits === 0 ? 0 : (centre - half) / scale,
    upper: hits === n ? 1 : (centre + half) / scale,
  }
}

/**
 * Exact interval of level at least 1 − 2·alpha for a rate: quantiles of Beta(x, n − x + 1) and Beta(x + 1, n − x). No
 * hits: the upper end is `1 − alpha^(1/n)`, about 3/n. Source: Clopper and Pearson (1934).
 */
export function clopperPearson(hits: number, n: number, alpha: number): Interval {
  return {
    lower: hits === 0 ? 0 : betaQuantile(alpha, hits, n - hits + 1),
    upper: hits === n ? 1 : betaQuantile(1 - alpha, hits + 1, n - hits),
  }
}
