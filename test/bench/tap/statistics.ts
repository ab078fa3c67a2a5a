/** Figures over rounds. A figure that makes no sense is NaN, and everything that comes of it is NaN too. */

export type Interval = { median: number; low: number; high: number }

export function median(values: readonly number[]): number {
  const ascending = values.toSorted((a, b) => a - b)
  if (values.length === 0 || values.some(Number.isNaN)) return Number.NaN
  return (ascending[Math.floor((values.length - 1) / 2)]! + ascending[Math.ceil((values.length - 1) / 2)]!) / 2
}

/** Inverse of the empirical distribution, of ascending values: one that was really seen. */
export function quantile(ascending: ArrayLike<number>, tau: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * tau - 1e-9) - 1)] ?? Number.NaN
}

/** Round by round. Nothing can be said where there is nothing to divide by. */
export function ratios(values: readonly number[], references: readonly number[]): number[] {
  return values.map((value, round) => {
    const reference = references[round] ?? Number.NaN
    return reference > 0 ? value / reference : Number.NaN
  })
}

/**
 * Of what is added to a third thing, which noise may push below nothing: who adds nothing is free, and who adds something
 * where the reference adds nothing is infinitely dearer.
 */
export function addedRatios(values: readonly number[], references: readonly number[]): number[] {
  return values.map((value, round) => {
    const reference = references[round] ?? Number.NaN
    if (Number.isNaN(value) || Number.isNaN(reference)) return Number.NaN
    return value <= 0 ? 0 : value / Math.max(0, reference)
  })
}

/** Percentile bootstrap, 95 %. The same values give the same interval. */
export function bootstrap(
  values: readonly number[],
  statistic: (resample: number[]) => number = median,
  resamples = 2_000,
): Interval {
  const middle = statistic([...values])
  if (Number.isNaN(middle)) return { median: middle, low: Number.NaN, high: Number.NaN }
  const random = seededRandom(1)
  const seen = Float64Array.from({ length: resamples }, () =>
    statistic(values.map(() => values[Math.floor(random() * values.length)]!)),
  ).toSorted()
  return { median: middle, low: quantile(seen, 0.025), high: quantile(seen, 0.975) }
}

export type Point = { x: number; y: number }

/** Theil-Sen: the median over all pairs, so that single outliers do not bend it. */
export function slope(points: readonly Point[]): number {
  const slopes = points.flatMap((a, i) =>
    points.slice(i + 1).flatMap((b) => (a.x === b.x ? [] : [(b.y - a.y) / (b.x - a.x)])),
  )
  return median(slopes)
}

export function slopeInterval(points: readonly Point[]): Interval {
  const indexes = points.map((_, index) => index)
  return bootstrap(indexes, (resample) => slope(resample.map((index) => points[index]!)), 200)
}

/** mulberry32: uniform in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
