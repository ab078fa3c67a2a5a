/** Null where there are no values. */
export function meanOfValues(values: readonly number[]): number | null {
  return values.length === 0 ? null : sumOf(values) / values.length
}

/** Sample variance `Σ (x − m)² / (n − 1)`; null for fewer than two values. Two passes, so that a large mean does no harm. */
export function varianceOf(values: readonly number[]): number | null {
  if (values.length < 2) return null
  const mean = sumOf(values) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** Asked of the values themselves: their variance may be a rounding error above 0. */
export function areEqual(values: readonly number[]): boolean {
  return values.every((value) => value === values[0])
}
