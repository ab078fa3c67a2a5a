/**
 * Counts of values above 0 in bins as wide as `width` of their value, each with the least value that was really seen in it:
 * the quantile of a sketch is a value of the sample, at most so much below the exact one. Values of infinity have a bin of
 * their own. Sketches of parts add up to the sketch of the whole, in any order.
 */
export type QuantileSketch = { width: number; bins: Map<number, { count: number; least: number }> }

export function emptySketch(width: number): QuantileSketch {
  return { width, bins: new Map() }
}

export function addToSketch(sketch: QuantileSketch, value: number): void {
  addToBin(sketch, binOf(value, sketch.width), 1, value)
}

/** Adds `other`, of the same width, to `into`. */
export function mergeSketches(into: QuantileSketch, other: QuantileSketch): void {
  for (const [bin, { count, least }] of other.bins) addToBin(into, bin, count, least)
}

function addToBin({ bins }: QuantileSketch, bin: number, count: number, least: number): void {
  const known = bins.get(bin)
  if (known === undefined) bins.set(bin, { count, least })
  else {
    known.count += count
    if (least < known.least) known.least = least
  }
}

/** By the inverse of the empirical distribution, as `quantile`. Null where there are no values. */
export function sketchedQuantile({ bins }: QuantileSketch, tau: number): number | null {
  let total = 0
  for (const { count } of bins.values()) total += count
  let left = Math.min(total, Math.max(1, Math.ceil(total * tau - 1e-9)))
  for (const { count, least } of ascending(bins)) {
    left -= count
    if (left <= 0) return least
  }
  return null
}

/** Sketches that were stored are in order already. */
function ascending(bins: QuantileSketch['bins']): Iterable<{ count: number; least: number }> {
  let last = -Infinity
  for (const bin of bins.keys()) {
    if (bin < last) return [...bins].toSorted(([a], [b]) => a - b).map(([, each]) => each)
    last = bin
  }
  return bins.values()
}

const infinite = 2 ** 31 - 1
const zero = -(2 ** 31)

function binOf(value: number, width: number): number {
  if (value === Infinity) return infinite
  return value <= 0 ? zero : Math.floor(Math.log(value) / Math.log1p(width))
}
