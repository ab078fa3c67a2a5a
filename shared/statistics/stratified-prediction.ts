import { clusteredMean } from './clustered-mean.ts'
import { type Corrected } from './judge-correction.ts'
import { sumOf } from './moments.ts'
import { normalQuantile } from './normal.ts'

/** Label and score of one answer. `weight`: inverse of the chance that its exchange was captured; `cluster`: what is not independent. */
export type Labelled = { label: number; score: number; weight: number; cluster: string }

/** Sums over the scores of many answers, with weights w: all that is needed of those without a label. */
export type ScoreSums = {
  units: number
  /** Σ w, Σ w f, Σ w f². */
  weight: number
  score: number
  square: number
  /** Σ w², Σ w² f, Σ w² f². */
  weight2: number
  score2: number
  square2: number
}

/** One part of the traffic. `labelled` were drawn from it at random; `unlabelled` is all the rest of it. */
export type PredictionStratum = { labelled: readonly Labelled[]; unlabelled: ScoreSums }

export type StratifiedPrediction = Corrected & {
  /** Mean over the strata of how far scores were used, by their share of the traffic. */
  lambda: number
  labels: number
  /** The same from labels alone. */
  labelsOnly: Corrected
}

/** Fewer labels in a part of the traffic say nothing about it. */
const fewestLabels = 2

/**
 * `predictionPoweredMean` within each stratum, put together by the strata's shares of the traffic: `θ = Σ W_h θ_h`,
 * `Var = Σ W_h² Var_h`. It holds however many labels each stratum has got, as long as they were drawn at random within it. Means are
 * Hájek's; the error of the labels allows for clusters (CR1), and is never below that of `1 − alpha^(1/n)`, the exact limit where n
 * labels all say the same: such labels do not vary, and still prove little. Empty strata count for nothing. Null where a stratum with
 * traffic has fewer than two labels, or labels of one cluster only.
 * Source: Angelopoulos, Duchi and Zrnic, PPI++ (2023); Fisch et al., Stratified prediction-powered inference (2024).
 */
export function stratifiedPredictionPoweredMean(
  strata: readonly PredictionStratum[],
  alpha: number,
): StratifiedPrediction | null {
  const present = strata.filter(({ labelled, unlabelled }) => labelled.length + unlabelled.units > 0)
  const weightOf = ({ labelled, unlabelled }: PredictionStratum) =>
    unlabelled.weight + sumOf(labelled.map(({ weight }) => weight))
  const all = sumOf(present.map(weightOf))
  if (present.length === 0 || present.some(({ labelled }) => labelled.length < fewestLabels)) return null
  let [estimate, variance, lambda, plain, plainVariance] = [0, 0, 0, 0, 0]
  for (const stratum of present) {
    const share = weightOf(stratum) / all
    const used = lambdaOf(stratum)
    const [powered, alone] = [meanWith(used, stratum, alpha), meanWith(0, stratum, alpha)]
    if (powered === null || alone === null) return null
    lambda += share * used
    estimate += share * powered.mean
    variance += share ** 2 * powered.variance
    plain += share * alone.mean
    plainVariance += share ** 2 * alone.variance
  }
  return {
    ...around(estimate, Math.sqrt(variance), alpha),
    lambda,
    labels: sumOf(present.map(({ labelled }) => labelled.length)),
    labelsOnly: around(plain, Math.sqrt(plainVariance), alpha),
  }
}

/** `clip(Cov(y, f) / ((1 + n/N) Var(f)), 0, 1)`, weighted; Var over labelled and unlabelled. */
function lambdaOf({ labelled, unlabelled }: PredictionStratum): number {
  if (unlabelled.units === 0) return 0
  const weight = sumOf(labelled.map((each) => each.weight))
  const meanOf = (value: (each: Labelled) => number) =>
    sumOf(labelled.map((each) => each.weight * value(each))) / weight
  const [label, score] = [meanOf((each) => each.label), meanOf((each) => each.score)]
  const covariance = meanOf((each) => (each.label - label) * (each.score - score))
  const total = weight + unlabelled.weight
  const pooledMean = (weight * score + unlabelled.score) / total
  const pooledSquare = (weight * meanOf((each) => each.score ** 2) + unlabelled.square) / total
  const variance = pooledSquare - pooledMean ** 2
  // Of one value alone, but for rounding.
  if (variance <= 1e-12) return 0
  return Math.max(0, Math.min(1, covariance / ((1 + labelled.length / unlabelled.units) * variance)))
}

function meanWith(
  lambda: number,
  { labelled, unlabelled }: PredictionStratum,
  alpha: number,
): { mean: number; variance: number } | null {
  const clusters = Object.values(Object.groupBy(labelled, ({ cluster }) => cluster)).map((members) =>
    members!.map(({ label, score, weight }) => ({ value: label - lambda * score, weight })),
  )
  const rest = clusteredMean(clusters, alpha)
  if (rest === null) return null
  const least = (1 - alpha ** (1 / clusters.length)) / normalQuantile(1 - alpha)
  const error = Math.max(rest.standardError, least)
  if (lambda === 0) return { mean: rest.mean, variance: error ** 2 }
  const { units, weight, score, weight2, score2, square2 } = unlabelled
  const mean = score / weight
  const spread = Math.max(0, square2 - 2 * mean * score2 + mean ** 2 * weight2) / weight ** 2
  const ofScores = units < 2 ? 1 : (units / (units - 1)) * spread
  return { mean: lambda * mean + rest.mean, variance: lambda ** 2 * ofScores + error ** 2 }
}

function around(estimate: number, standardError: number, alpha: number): Corrected {
  const half = normalQuantile(1 - alpha) * standardError
  return { estimate, standardError, lower: estimate - half, upper: estimate + half }
}
