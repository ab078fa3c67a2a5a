/**
 * Benjamini and Hochberg's adjusted p-values, in the order given: reject those at or below q, and of the rejections a share
 * of at most q is false on average, for independent or positively dependent tests.
 * `p̃_(i) = min_{j≥i} min(1, m/j · p_(j))`. Source: Benjamini and Hochberg (1995).
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const adjusted: number[] = Array.from({ length: pValues.length }, () => 1)
  const descending = pValues.map((p, index) => ({ p, index })).toSorted((a, b) => b.p - a.p)
  let smallest = 1
  for (const [place, { p, index }] of descending.entries()) {
    smallest = Math.min(smallest, (pValues.length / (pValues.length - place)) * p)
    adjusted[index] = smallest
  }
  return adjusted
}

/**
 * The same from evidence: which of the hypotheses are rejected when a share of at most q may be false, at every look and
 * under any dependence. Rejects the k largest e-values for the largest k with `e_(k) ≥ m/(k q)`. Takes logarithms.
 * Source: Wang and Ramdas, False discovery rate control with e-values (2022).
 */
export function eBenjaminiHochberg(logEs: readonly number[], q: number): boolean[] {
  const descending = logEs.toSorted((a, b) => b - a)
  const rejected = descending.findLastIndex((logE, place) => logE >= Math.log(logEs.length / ((place + 1) * q)))
  return logEs.map((logE) => rejected >= 0 && logE >= descending[rejected]!)
}
