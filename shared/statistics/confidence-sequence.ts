import { asHistogram, bets, type Histogram, leading, logEFromSums } from './e-process.ts'

/** The search ends with a step of this share of the range, or where Newton's next one would be a thousandth of it. */
const precision = 1e-9
/** Of a wager spread over ten bets: about what it pays, in logarithms, for not knowing the best one. */
const priceOfSpreading = 1.5
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
  if (counts.values.length === 0) return { lower: range.low, upper: range.high }
  const mirrored = { ...counts, values: counts.values.map((value) => -value) }
  return {
    lower: lowerBound(counts, range.low, range.high - range.low, alpha),
    upper: -lowerBound(mirrored, -range.high, range.high - range.low, alpha),
  }
}

/** The mean `m` in `(low, sample mean)` where the evidence against "the mean is m or less" is exactly `ln(1/alpha)`. */
function lowerBound(counts: Histogram, low: number, width: number, alpha: number): number {
  const needed = Math.log(1 / alpha)
  const { mean, squares, units } = momentsOf(counts)
  // Evidence falls as m rises, is boundless near `low` and at most 0 at the sample mean: exactly one crossing.
  let refuted = low
  let possible = mean
  // About where it lies: as far below the mean as for normal values.
  let tried = mean - Math.sqrt(2 * (needed + priceOfSpreading) * squares) / units
  let lastStep = NaN
  let best = bets.length - 1
  while (possible - refuted > precision * precision * width) {
    const m = tried > refuted && tried < possible ? tried : (refuted + possible) / 2
    const above = logEAbove(counts, m, m - low, best)
    if (above.logE >= needed) refuted = m
    else possible = m
    best = above.best
    // Newton's, or the middle where that leads out of what is possible.
    tried = m + (needed - above.logE) / above.slope
    const step = Math.abs(tried - m) / width
    // Each step is about the square of the one before, times what that took off its own.
    if (step <= precision || step * (step / lastStep) ** 2 <= 1e-3 * precision) break
    lastStep = step
  }
  return possible > refuted ? Math.max(Math.min(tried, possible), refuted) : refuted
}

/**
 * `logE(values − mean, bound)` where `mean − bound` stays what it is, and how fast it changes with the mean. `best`: the place of
 * the bet to begin with; of the best one.
 */
function logEAbove({ values, times: seen }: Histogram, mean: number, bound: number, from: number) {
  const low = mean - bound
  const slopes = bets.map(() => 0)
  const sums = leading((bet, place) => {
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
    slopes[place] = (-slope * scale) / bound
    return sum + Math.log(product)
  }, from)
  const logE = logEFromSums(sums)
  // Of a mean of powers: each bet's, by its share of the wealth.
  const slope = sums.reduce((total, sum, k) => total + (Math.exp(sum - logE) / sums.length) * slopes[k]!, 0)
  return { logE, slope, best: sums.indexOf(Math.max(...sums)) }
}

function momentsOf({ values, times }: Histogram) {
  let sum = 0
  let units = 0
  for (let i = 0; i < values.length; i += 1) {
    sum += values[i]! * times[i]!
    units += times[i]!
  }
  const mean = sum / units
  let squares = 0
  for (let i = 0; i < values.length; i += 1) squares += times[i]! * (values[i]! - mean) ** 2
  return { mean, squares, units }
}
