import { betaCdf } from './beta.ts'
import { binomialTerm } from './binomial-term.ts'

/** P(Bin(n, p) = k), relative error about 1e-14. Whole n ≥ 0 and k; 0 where k is not in 0…n. */
export function binomialPmf(k: number, n: number, p: number): number {
  return k < 0 || k > n ? 0 : binomialTerm(k, n - k, p, 1 - p)
}

/** P(Bin(n, p) ≤ k) = I_{1−p}(n − k, k + 1). */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0
  return k >= n ? 1 : betaCdf(1 - p, n - k, k + 1)
}
