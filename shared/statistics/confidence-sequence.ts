import { asHistogram, type Histogram, logE } from './e-process.ts'

const bisections = 60

export type Interval = { lower: number; upper: number }

/**
 * Interval for the mean of values in `[low, high]` that holds at every look at once, level `1 − 2·alpha`: all means that
 * the e-process has not refuted on either side. `lower > 0` and `logE(values, −low) > ln(1/alpha)` are the same
 * statement. No values: the whole range.
 */
export function confidenceSequence(
  values: Histogram | Iterable<number>,
  range: { low: number; high: number },
  alpha: number,
): Interval {
  const counts = asHistogram(values)
  if (counts.size === 0) return { lower: range.low, upper: range.high }
  const mirrored = new Map([...counts].map(([value, count]) => [-value, count]))
  return {
    lower: lowerBound(counts, range.low, alpha),
    upper: -lowerBound(mirrored, -range.high, alpha),
  }
}

/** The mean `m` in `(low, sample mean)` where the evidence against "the mean is m or less" is exactly `ln(1/alpha)`. */
function lowerBound(counts: Histogram, low: number, alpha: number): number {
  const needed = Math.log(1 / alpha)
  let refuted = low
  let possible = meanOf(counts)
  // Evidence falls as m rises, is boundless near `low` and at most 0 at the sample mean: exactly one crossing.
  for (let step = 0; step < bisections; step += 1) {
    const middle = (refuted + possible) / 2
    if (middle <= low || middle <= refuted || middle >= possible) break
    if (logE(shifted(counts, middle), middle - low) >= needed) refuted = middle
    else possible = middle
  }
  return refuted
}

function shifted(counts: Histogram, by: number): Histogram {
  return new Map([...counts].map(([value, count]) => [value - by, count]))
}

export function meanOf(counts: Histogram): number {
  let sum = 0
  let units = 0
  for (const [value, count] of counts) {
    sum += value * count
    units += count
  }
  return sum / units
}
