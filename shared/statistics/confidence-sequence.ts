import { asHistogram, type Histogram, leading, logEFromSums } from './e-process.ts'

/** The search ends with a step of this share of the range; Newton's next one would be about its square. */
const precision = 1e-9
/** Factors multiplied before a logarithm is taken: each lies in [0.1, 1e10], so sixteen fit a double. */
const batch = 16

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
    lower: lowerBound(counts, range.low, range.high - range.low, alpha),
    upper: -lowerBound(mirrored, -range.high, range.high - range.low, alpha),
  }
}

/** The mean `m` in `(low, sample mean)` where the evidence against "the mean is m or less" is exactly `ln(1/alpha)`. */
function lowerBound(counts: Histogram, low: number, width: number, alpha: number): number {
  const needed = Math.log(1 / alpha)
  const values = Float64Array.from(counts.keys())
  const seen = Float64Array.from(counts.values())
  const mean = meanOf(counts)
  // Evidence falls as m rises, is boundless near `low` and at most 0 at the sample mean: exactly one crossing.
  let refuted = low
  let possible = mean
  let tried = mean - likelyDistance(counts, mean, needed)
  while (possible - refuted > precision * precision * width) {
    const m = tried > refuted && tried < possible ? tried : (refuted + possible) / 2
    const { logE, slope } = logEAbove(values, seen, m, m - low)
    if (logE >= needed) refuted = m
    else possible = m
    // Newton's, or the middle where that leads out of what is possible.
    tried = m + (needed - logE) / slope
    if (Math.abs(tried - m) <= precision * width) break
  }
  return possible > refuted ? Math.max(Math.min(tried, possible), refuted) : refuted
}

/** About where the bound lies: as far below the mean as a normal one would. */
function likelyDistance(counts: Histogram, mean: number, needed: number): number {
  let squares = 0
  let units = 0
  for (const [value, count] of counts) {
    squares += count * (value - mean) ** 2
    units += count
  }
  return Math.sqrt(2.5 * needed * squares) / units
}

/** `logE(values − mean, bound)` where `mean − bound` stays what it is, and how fast it changes with the mean. */
function logEAbove(values: Float64Array, seen: Float64Array, mean: number, bound: number) {
  const low = mean - bound
  const slopes: number[] = []
  const sums = leading((bet) => {
    const scale = bet / bound
    let sum = 0
    let slope = 0
    // One logarithm for many values that were seen once.
    let product = 1
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i]!
      const times = seen[i]!
      const factor = 1 + scale * (value - mean)
      slope += (times * (value - low)) / factor
      if (times === 1) product *= factor
      else sum += times * Math.log(factor)
      if (i % batch === 0) {
        sum += Math.log(product)
        product = 1
      }
    }
    slopes.unshift((-slope * scale) / bound)
    return sum + Math.log(product)
  })
  const logE = logEFromSums(sums)
  // Of a mean of powers: each bet's, by its share of the wealth.
  const shares = sums.slice(-slopes.length).map((sum) => Math.exp(sum - logE) / sums.length)
  return { logE, slope: shares.reduce((total, share, k) => total + share * slopes[k]!, 0) }
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
