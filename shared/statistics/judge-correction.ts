import { type Interval } from './confidence-sequence.ts'
import { meanOfValues } from './moments.ts'
import { normalQuantile } from './normal.ts'

export type Corrected = Interval & { estimate: number; standardError: number }

/**
 * Mean of what people would say, from few labels and many scores of a judge: `lam · mean(f̃) + mean(y − lam · f)`,
 * `Var = lam² var(f̃)/N + var(y − lam · f)/n`, `lam = clip(Cov_n(y, f) / ((1 + n/N) Var(f)), 0, 1)`. Whatever the judge's
 * bias, the interval (level 1 − 2·alpha) holds; a good judge only narrows it. `labelled`: label and score of the same
 * answer. Null for fewer than two labels or no unlabelled score; 50 labels are the least that one should use.
 * Source: Angelopoulos et al., Prediction-powered inference (2023); Angelopoulos, Duchi and Zrnic, PPI++ (2023).
 */
export function predictionPoweredMean(
  labelled: readonly { label: number; score: number }[],
  unlabelled: readonly number[],
  alpha: number,
): (Corrected & { lambda: number }) | null {
  const [n, others] = [labelled.length, unlabelled.length]
  if (n < 2 || others === 0) return null
  const scores = labelled.map(({ score }) => score)
  const labels = labelled.map(({ label }) => label)
  const [meanScore, meanLabel] = [meanOfValues(scores)!, meanOfValues(labels)!]
  const covariance = meanOfValues(labelled.map(({ label, score }) => (label - meanLabel) * (score - meanScore)))!
  const pooled = scores.concat(unlabelled)
  const pooledVariance = (spread(pooled) * pooled.length) / (pooled.length - 1)
  const best = pooledVariance === 0 ? 0 : covariance / ((1 + n / others) * pooledVariance)
  const lambda = Math.max(0, Math.min(1, best))
  const rest = labelled.map(({ label, score }) => label - lambda * score)
  const estimate = lambda * meanOfValues(unlabelled)! + meanOfValues(rest)!
  const variance = (lambda ** 2 * spread(unlabelled)) / others + spread(rest) / n
  return { lambda, ...around(estimate, Math.sqrt(variance), alpha) }
}

/** Variance with 1/n. */
function spread(values: readonly number[]): number {
  const mean = meanOfValues(values)!
  return meanOfValues(values.map((value) => (value - mean) ** 2))!
}

/**
 * True pass rate behind a pass/fail judge: `(p + q0 − 1)/(q0 + q1 − 1)`, kept in [0, 1], with q1 its sensitivity (right in
 * `rightPasses` of `passes` labelled passes) and q0 its specificity. The error takes in that of q0 and q1. Null where the
 * judge is no better than chance. Holds for differences only where the judge errs alike on both arms: calibrate each.
 * Source: Rogan and Gladen (1978); Lee et al. (2025).
 */
export function roganGladen(
  judge: { passed: number; judged: number },
  calibration: { rightPasses: number; passes: number; rightFails: number; fails: number },
  alpha: number,
): Corrected | null {
  const p = judge.passed / judge.judged
  const q1 = calibration.rightPasses / calibration.passes
  const q0 = calibration.rightFails / calibration.fails
  const skill = q0 + q1 - 1
  if (!(skill > 0)) return null
  const theta = Math.max(0, Math.min(1, (p + q0 - 1) / skill))
  const variance =
    (p * (1 - p)) / judge.judged +
    ((1 - theta) ** 2 * q0 * (1 - q0)) / calibration.fails +
    (theta ** 2 * q1 * (1 - q1)) / calibration.passes
  return around(theta, Math.sqrt(variance) / skill, alpha)
}

function around(estimate: number, standardError: number, alpha: number): Corrected {
  const half = normalQuantile(1 - alpha) * standardError
  return { estimate, standardError, lower: estimate - half, upper: estimate + half }
}
