/**
 * Sample quantile by the inverse of the empirical distribution: `x_(⌈n·tau − 1e-9⌉)`, a value that was really seen.
 * (ClickHouse's `quantileExact` is another one.) Null where there are no values; Infinity counts as a value.
 */
export function quantile(values: readonly number[], tau: number): number | null {
  if (values.length === 0) return null
  const ascending = Float64Array.from(values).toSorted()
  const rank = Math.min(values.length, Math.max(1, Math.ceil(values.length * tau - 1e-9)))
  return ascending[rank - 1]!
}
