import { type Interval } from './confidence-sequence.ts'
import { meanOfValues } from './moments.ts'
import { normalCdf, normalQuantile } from './normal.ts'
import { quantile } from './quantile.ts'
import { seededRandom } from './seeded-random.ts'

/**
 * BCa bootstrap interval, level 1 − 2·alpha, for a statistic of whole clusters (each a unit of its own where there are none).
 * Bias `z0` from the replicates below the estimate, ties counting half; acceleration from the leave-one-out jackknife;
 * adjusted level `Φ(z0 + (z0 + z_p)/(1 − a (z0 + z_p)))`. For statistics without a formula, not for verdicts: it fails at
 * extreme quantiles and holds for one look. Null for fewer than two clusters, or replicates that all lie on one side.
 * The same seed gives the same interval. Source: Efron, Better bootstrap confidence intervals (1987).
 */
export function bcaInterval<Cluster>(
  clusters: readonly Cluster[],
  statistic: (clusters: readonly Cluster[]) => number,
  { alpha, seed, replicates = 2_000 }: { alpha: number; seed: number; replicates?: number },
): Interval | null {
  const n = clusters.length
  if (n < 2) return null
  const random = seededRandom(seed)
  const estimate = statistic(clusters)
  const resample = () => clusters.map(() => clusters[Math.floor(random() * n)]!)
  const drawn = Array.from({ length: replicates }, () => statistic(resample()))
  const below = drawn.reduce((sum, value) => sum + (value < estimate ? 1 : value === estimate ? 0.5 : 0), 0)
  const bias = normalQuantile(below / replicates)
  if (!Number.isFinite(bias)) return null
  const acceleration = accelerationOf(clusters.map((_, index) => statistic(clusters.toSpliced(index, 1))))
  const end = (p: number) => {
    const z = bias + normalQuantile(p)
    return quantile(drawn, normalCdf(bias + z / (1 - acceleration * z)))!
  }
  return { lower: end(alpha), upper: end(1 - alpha) }
}

/** `Σ (J − J_i)³ / (6 (Σ (J − J_i)²)^1.5)`; 0 where leaving one out changes nothing. */
function accelerationOf(leftOut: readonly number[]): number {
  const mean = meanOfValues(leftOut)!
  const moment = (power: number) => leftOut.reduce((sum, value) => sum + (mean - value) ** power, 0)
  const spread = moment(2)
  return spread === 0 ? 0 : moment(3) / (6 * spread ** 1.5)
}
