import { type Pair } from './pairs.ts'

const hourMs = 3_600_000
/** Fewer failures than this show no pattern. */
const minFailures = 20
const minHours = 10
/** So many times the variance that independent failures would have between hours. */
const bursty = 3

export type Bursts = { share: number; worst: number; all: number }

/**
 * Do the failures of an arm come together, as in an incident of its provider? Then the hour is what is independent, and
 * not the conversation. Variance of the failures per hour over what independent failures would have (a chi-squared test of
 * homogeneity over its degrees of freedom). Null where they are spread out, or too few to tell.
 * `share` of the failures that the `worst` tenth of the hours holds.
 */
export function burstsOf<P extends Pair>(pairs: readonly P[], isFailed: (pair: P) => boolean): Bursts | null {
  const hours = new Map<number, { asked: number; failed: number }>()
  for (const pair of pairs) {
    const hour = Math.floor(pair.row.capturedAtMs / hourMs)
    const { asked, failed } = hours.get(hour) ?? { asked: 0, failed: 0 }
    hours.set(hour, { asked: asked + 1, failed: failed + Number(isFailed(pair)) })
  }
  const failures = [...hours.values()].map(({ failed }) => failed).toSorted((a, b) => b - a)
  const total = sum(failures)
  const rate = total / pairs.length
  if (total < minFailures || hours.size < minHours || rate === 1) return null
  const squares = [...hours.values()].map(
    ({ asked, failed }) => (failed - asked * rate) ** 2 / (asked * rate * (1 - rate)),
  )
  if (sum(squares) / (hours.size - 1) < bursty) return null
  const worst = Math.ceil(hours.size / 10)
  return { share: sum(failures.slice(0, worst)) / total, worst, all: hours.size }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
