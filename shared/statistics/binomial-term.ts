import { stirlingError } from './gamma.ts'

/**
 * `Γ(a + b + 1) / (Γ(a + 1) Γ(b + 1)) · p^a q^b` with `q = 1 − p`, also for a and b that are no whole numbers: the
 * probability of a successes in a + b trials. Relative error about 1e-14 however large a and b are, because the deviance is
 * computed and not the difference of large logarithms. Source: Loader (2000), saddle-point expansion.
 */
export function binomialTerm(a: number, b: number, p: number, q: number): number {
  const n = a + b
  if (p === 0) return a === 0 ? 1 : 0
  if (q === 0) return b === 0 ? 1 : 0
  if (a === 0) return Math.exp(n * Math.log1p(-p))
  if (b === 0) return Math.exp(n * Math.log1p(-q))
  const correction = stirlingError(n) - stirlingError(a) - stirlingError(b)
  return Math.exp(correction - deviance(a, n * p) - deviance(b, n * q)) * Math.sqrt(n / (2 * Math.PI * a * b))
}

/** `x ln(x/m) + m − x`, by its series where x is near m. */
function deviance(x: number, m: number): number {
  const distance = x - m
  if (Math.abs(distance) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x
  const v = distance / (x + m)
  let sum = distance * v
  let power = 2 * x * v
  for (let j = 1; ; j += 1) {
    power *= v * v
    const next = sum + power / (2 * j + 1)
    if (next === sum) return sum
    sum = next
  }
}
