/**
 * Holm's adjusted p-values, in the order given: reject those at or below alpha and the chance of any false rejection is
 * at most alpha, under any dependence. `p̃_(j) = max_{i≤j} min(1, (m − i + 1) · p_(i))`. Source: Holm (1979).
 */
export function holm(pValues: readonly number[]): number[] {
  const adjusted: number[] = Array.from({ length: pValues.length }, () => 1)
  const ascending = pValues.map((p, index) => ({ p, index })).toSorted((a, b) => a.p - b.p)
  let largest = 0
  for (const [rank, { p, index }] of ascending.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * p))
    adjusted[index] = largest
  }
  return adjusted
}
