import { type Histogram } from './e-process.ts'

/** How finely values are kept: so many distinct ones as they are, else at floats with so many bits of a fraction. */
export type Grid = { mostExact: number; bits: number }

export const fineGrid: Grid = { mostExact: 512, bits: 4 }
export const coarseGrid: Grid = { mostExact: 128, bits: 3 }

/**
 * How often each value was seen: as they are while there are few distinct ones, else on a fixed grid of floats with few
 * significant bits, each value split between its two neighbours so that the mean stays what it is. A logarithm is concave,
 * so the split takes evidence away in both directions and never adds any: intervals only get wider. The square of a value
 * grows by no more than the square of half a step: by less than a thousandth of it on the fine grid. Counts of parts add up to
 * the counts of the whole, in any order and however they were cut.
 */
export type ValueCounts = { grid: Grid; isExact: boolean; counts: Map<number, number> }

export function noValues(grid = fineGrid): ValueCounts {
  return { grid, isExact: true, counts: new Map() }
}

export function countValue(into: ValueCounts, value: number, times = 1): void {
  if (!into.isExact) return split(into, value, times)
  // No key of its own for −0.
  add(into.counts, value + 0, times)
  if (into.counts.size > into.grid.mostExact) toGrid(into)
}

/** Adds `other`, on the same grid, to `into`. */
export function mergeValues(into: ValueCounts, other: ValueCounts): void {
  if (into.isExact && !other.isExact) toGrid(into)
  if (into.isExact || other.isExact) {
    for (const [value, times] of other.counts) countValue(into, value, times)
  } else for (const [point, times] of other.counts) add(into.counts, point, times)
}

/** Every value times `factor`, none of them beyond `low` or `high`: a grid point beyond an end is split anew at that end. */
export function scaled({ grid, isExact, counts }: ValueCounts, factor: number, low: number, high: number): Histogram {
  const most = (isExact ? 1 : 2) * counts.size
  const [values, seen] = [new Float64Array(most), new Float64Array(most)]
  let size = 0
  const put = (value: number, times: number) => {
    values[size] = value
    seen[size] = times
    size += 1
  }
  // Not by entries, of which each would be a list of its own.
  counts.forEach((times, value) => {
    const end = value < 0 ? low : high
    if (isExact || Math.abs(value * factor) <= Math.abs(end)) return put(value * factor, times)
    const near = towardsZero(value, grid) * factor
    if (Math.abs(near) >= Math.abs(end)) return put(end, times)
    const atEnd = (times * (value * factor - near)) / (end - near)
    put(end, atEnd)
    put(near, times - atEnd)
  })
  return { values: values.subarray(0, size), times: seen.subarray(0, size) }
}

/** Mean and standard deviation of `units` values; 0 for one alone. */
export function momentsOf({ values, times }: Histogram, units: number): { mean: number; sd: number } {
  let sum = 0
  for (let i = 0; i < values.length; i += 1) sum += values[i]! * times[i]!
  const mean = sum / units
  let squares = 0
  for (let i = 0; i < values.length; i += 1) squares += times[i]! * (values[i]! - mean) ** 2
  return { mean, sd: units < 2 ? 0 : Math.sqrt(squares / (units - 1)) }
}

function toGrid(of: ValueCounts): void {
  const exact = of.counts
  of.isExact = false
  of.counts = new Map()
  for (const [value, times] of exact) split(of, value, times)
}

const float = new Float64Array(1)
const words = new Uint32Array(float.buffer)
/** The word with sign, exponent and the first bits of the fraction. */
const high = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0
/** Of that word, what one step of the grid changes, and what it keeps. */
const stepOf = ({ bits }: Grid) => 2 ** (20 - bits)

/** Below it there is one grid point, 0. */
const smallest = 2 ** -40

/** The next grid point. */
function towardsZero(point: number, grid: Grid): number {
  if (Math.abs(point) <= smallest) return 0
  float[0] = point
  words[high] = (words[high] ?? 0) - stepOf(grid)
  return float[0]
}

function split({ grid, counts }: ValueCounts, value: number, times: number): void {
  if (value === 0) return add(counts, 0, times)
  let [near, far] = [0, Math.sign(value) * smallest]
  if (Math.abs(value) >= smallest) {
    float[0] = value
    words[1 - high] = 0
    words[high] = words[high]! & -stepOf(grid)
    near = float[0]!
    words[high] += stepOf(grid)
    far = float[0]!
  }
  const share = (value - near) / (far - near)
  if (share < 1) add(counts, near, times * (1 - share))
  if (share > 0) add(counts, far, times * share)
}

function add(counts: Map<number, number>, value: number, times: number): void {
  counts.set(value, (counts.get(value) ?? 0) + times)
}
