import { sumOf, varianceOf } from './moments.ts'

export type Estimate = { mean: number; standardError: number; units: number }

/**
 * Estimates of several groups, each drawn towards the mean of all as far as it is noise: `w = T²/(T² + se²)`,
 * `w · group + (1 − w) · overall`, with `T² = max(0, between-group variance − mean se²)` and `overall` the mean over all
 * units. Fewer than two groups: as they are. Source: Efron and Morris (1975), by moments.
 */
export function shrunken(groups: readonly Estimate[]): number[] {
  const between = varianceOf(groups.map(({ mean }) => mean))
  if (between === null) return groups.map(({ mean }) => mean)
  const noise = sumOf(groups.map(({ standardError }) => standardError ** 2)) / groups.length
  const spread = Math.max(0, between - noise)
  const overall = sumOf(groups.map(({ mean, units }) => mean * units)) / sumOf(groups.map(({ units }) => units))
  return groups.map(({ mean, standardError }) => {
    const variance = spread + standardError ** 2
    return variance === 0 ? mean : overall + (spread / variance) * (mean - overall)
  })
}
