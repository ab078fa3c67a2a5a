import { increasingRoot } from './beta.ts'
import { binomialCdf, binomialPmf } from './binomial.ts'
import { type Interval } from './confidence-sequence.ts'
import { normalCdf, normalQuantile } from './normal.ts'
import { wilson } from './proportion.ts'

/** Pairs of pass/fail outcomes, n of them > 0. */
export type PairedOutcomes = { both: number; onlyCandidate: number; onlyControl: number; neither: number }

const sizeOf = ({ both, onlyCandidate, onlyControl, neither }: PairedOutcomes) =>
  both + onlyCandidate + onlyControl + neither

/**
 * Tango's score for "the candidate's pass rate minus the control's is theta", theta in (−1, 1):
 * `z(theta) = (n10 − n01 − n·theta) / √(n (2q + theta(1 − theta)))` with q the restricted maximum likelihood estimate of the
 * share of pairs that only the control passed. Falls as theta rises. Source: Tango, Statistics in Medicine 17 (1998).
 */
export function tangoScore(pairs: PairedOutcomes, theta: number): number {
  const { onlyCandidate, onlyControl } = pairs
  const n = sizeOf(pairs)
  const a = 2 * n
  const b = -onlyCandidate - onlyControl + (2 * n - onlyCandidate + onlyControl) * theta
  const c = -onlyControl * theta * (1 - theta)
  const q = (-b + Math.sqrt(Math.max(0, b * b - 4 * a * c))) / (2 * a)
  const above = onlyCandidate - onlyControl - n * theta
  const variance = n * (2 * q + theta * (1 - theta))
  return above === 0 ? 0 : above / Math.sqrt(Math.max(0, variance))
}

/** p-value of "the candidate is worse than the control by `margin` or more": `1 − Φ(z(−margin))`. */
export function tangoNonInferiority(pairs: PairedOutcomes, margin: number): number {
  return normalCdf(-tangoScore(pairs, -margin))
}

/** All differences of pass rates that Tango's score does not refute, level 1 − 2·alpha. */
export function tangoInterval(pairs: PairedOutcomes, alpha: number): Interval {
  const z = normalQuantile(1 - alpha)
  const difference = (pairs.onlyCandidate - pairs.onlyControl) / sizeOf(pairs)
  return {
    lower: increasingRoot((theta) => z - tangoScore(pairs, theta), -1, difference),
    upper: increasingRoot((theta) => -z - tangoScore(pairs, theta), difference, 1),
  }
}

/**
 * Newcombe's interval for the difference of paired pass rates, level 1 − 2·alpha: Wilson limits of both, put together with
 * their correlation (phi, with a continuity correction where it is positive). Source: Newcombe (1998), method 10.
 */
export function newcombe(pairs: PairedOutcomes, alpha: number): Interval {
  const { both: a, onlyCandidate: b, onlyControl: c, neither: d } = pairs
  const n = sizeOf(pairs)
  const [p1, p2] = [(a + b) / n, (a + c) / n]
  const [first, second] = [wilson(a + b, n, alpha), wilson(a + c, n, alpha)]
  const product = (a + b) * (c + d) * (a + c) * (b + d)
  const excess = a * d - b * c
  const corrected = excess > n / 2 ? excess - n / 2 : Math.min(0, excess)
  const phi = product === 0 ? 0 : corrected / Math.sqrt(product)
  const away = (x: number, y: number) => Math.sqrt(x * x - 2 * phi * x * y + y * y)
  return {
    lower: p1 - p2 - away(p1 - first.lower, second.upper - p2),
    upper: p1 - p2 + away(first.upper - p1, p2 - second.lower),
  }
}

/**
 * McNemar's exact test of "both pass equally often", two-sided, and its mid-p version, which is less conservative. A test of
 * difference: it never shows equivalence. Source: McNemar (1947); Fagerland, Lydersen and Laake (2013).
 */
export function mcNemar({ onlyCandidate, onlyControl }: Pick<PairedOutcomes, 'onlyCandidate' | 'onlyControl'>): {
  exact: number
  midP: number
} {
  const n = onlyCandidate + onlyControl
  const fewer = Math.min(onlyCandidate, onlyControl)
  if (n === 0) return { exact: 1, midP: 1 }
  const exact = Math.min(1, 2 * binomialCdf(fewer, n, 0.5))
  const point = binomialPmf(fewer, n, 0.5)
  return { exact, midP: onlyCandidate === onlyControl ? 1 - point : exact - point }
}
