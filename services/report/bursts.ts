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
export function burstsIn(hours: readonly { asked: number; failed: number }[]): Bursts | null {
  const failures = hours.map(({ failed }) => failed)
  const total = sum(failures)
  const rate = total / sum(hours.map(({ asked }) => asked))
  if (total < minFailures || hours.length < minHours || rate === 1) return null
  const squares = hours.map(({ asked, failed }) => (failed - asked * rate) ** 2 / (asked * rate * (1 - rate)))
  if (sum(squares) / (hours.length - 1) < bursty) return null
  const worst = Math.ceil(hours.length / 10)
  const mostFirst = failures.toSorted((a, b) => b - a)
  return { share: sum(mostFirst.slice(0, worst)) / total, worst, all: hours.length }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
