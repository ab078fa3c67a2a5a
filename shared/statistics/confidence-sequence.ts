import { asHistogram, type Histogram, leading, logEFromSums } from './e-process.ts'

/** The search ends at this share of the range; a last chord is then off by no more than its square. */
const precision = 1e-9
/** So often may a chord move the same end before the middle is taken. */
const mostOfOneEnd = 3
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
  let excess = Infinity
  let possible = mean
  let lack = -needed
  // As they are: the others are halved where one end stays.
  let [overRefuted, overPossible] = [Infinity, -needed]
  let step = likelyDistance(counts, mean, needed)
  let sameEnd = 0
  while (possible - refuted > precision * width) {
    // Until one mean is refuted, farther and farther from the sample mean; then the chord (Illinois), and the middle where
    // one end stays for long.
    const chord = refuted + (possible - refuted) * (excess / (excess - lack))
    const tried = excess === Infinity ? mean - step : Math.abs(sameEnd) > mostOfOneEnd ? Number.NaN : chord
    step *= 2
    const m = tried > refuted && tried < possible ? tried : (refuted + possible) / 2
    const over = logEAbove(values, seen, m, m - low) - needed
    if (over >= 0) {
      refuted = m
      excess = over
      overRefuted = over
      sameEnd = Math.max(1, sameEnd + 1)
      if (sameEnd > 1) lack /= 2
    } else {
      possible = m
      lack = over
      overPossible = over
      sameEnd = Math.min(-1, sameEnd - 1)
      if (sameEnd < -1) excess /= 2
    }
  }
  return overRefuted === Infinity
    ? refuted
    : refuted + (possible - refuted) * (overRefuted / (overRefuted - overPossible))
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

/** `logE(values − mean, bound)`, with one logarithm for many values that were seen once. */
function logEAbove(values: Float64Array, seen: Float64Array, mean: number, bound: number): number {
  const sums = leading((bet) => {
    const scale = bet / bound
    let sum = 0
    let product = 1
    for (let i = 0; i < values.length; i += 1) {
      const factor = 1 + scale * (values[i]! - mean)
      if (seen[i] === 1) product *= factor
      else sum += seen[i]! * Math.log(factor)
      if (i % batch === 0) {
        sum += Math.log(product)
        product = 1
      }
    }
    return sum + Math.log(product)
  })
  return logEFromSums(sums)
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
