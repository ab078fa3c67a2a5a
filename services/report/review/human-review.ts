import {
  type HumanEstimate,
  type HumanReview,
  type KappaOf,
  type ReviewedAnswer,
  type ReviewLabel,
} from '../../../shared/contracts/review.ts'
import { krippendorffAlpha, type SampledRating, sampledKappa } from '../../../shared/statistics/agreement.ts'
import { normalQuantile } from '../../../shared/statistics/normal.ts'
import { rankProbability } from '../../../shared/statistics/rank-probability.ts'
import {
  type Labelled,
  type ScoreSums,
  stratifiedPredictionPoweredMean,
} from '../../../shared/statistics/stratified-prediction.ts'
import { type Shares } from './draw.ts'

/** With fewer labels of the random share nothing is estimated. */
export const fewestLabels = 50
/** Of the random share, before checks or judge may be called calibrated: so many labels, this kappa, and this lower bound of it. */
const calibrated = { labels: 100, kappa: 0.6, lower: 0.4 }
const fewestScored = 30
const strata = ['pass', 'fail'] as const
type Stratum = (typeof strata)[number]

/** One person's label that holds, on one answer. */
export type Said = { reviewer: string; about: ReviewedAnswer; label: ReviewLabel; blind: boolean }

/** A pair on which somebody has said something. */
export type SpokenOf = {
  exchangeId: string
  conversationId: string
  stratum: Stratum
  /** In the random share as it is configured now. */
  isDrawn: boolean
  /** Inverse of the tap's probability. */
  weight: number
  quality: number
  /** Null where the judge did not decide. */
  judgeQuality: number | null
  checksQuality: number
  scores: Record<string, number>
  said: readonly Said[]
}

/** All comparisons of the candidate with an answer, added up. */
export type Population = {
  strata: Record<Stratum, ScoreSums & { drawn: number }>
  /** Weight of the exchanges on which the candidate failed: nobody has to read those. */
  failedWeight: number
}

/** What labels tell, and nothing where there are none. Picked pairs are counted, and in no estimate. */
export function humanReviewOf(
  spoken: readonly SpokenOf[],
  population: Population,
  { shares, alpha }: { shares: Shares; alpha: number },
): HumanReview | null {
  const labels = spoken.flatMap(({ said }) => said)
  if (labels.length === 0) return null
  const drawn = spoken.filter(({ isDrawn }) => isDrawn)
  const onArm = spoken.flatMap((pair) =>
    pair.said.filter(({ about }) => about === 'arm').map((said) => ({ pair, said })),
  )
  const known = drawn.filter((pair) => fineShareOf(pair, 'arm') !== null)
  const both = known.filter((pair) => fineShareOf(pair, 'served') !== null)
  const weighted = reweighted(known, population)
  const againstMeasures = measuresOf(weighted, alpha)
  const quality = againstMeasures.find(({ measure }) => measure === 'quality')
  const [fine, difference] = [
    estimateOf(known, population, alpha, (pair) => fineShareOf(pair, 'arm')!),
    estimateOf(both, population, alpha, (pair) => fineShareOf(pair, 'arm')! - fineShareOf(pair, 'served')!),
  ]
  return {
    labels: onArm.length,
    picked: onArm.filter(({ pair }) => !pair.isDrawn).length,
    unsure: onArm.filter(({ said }) => said.label === 'unsure').length,
    blind: onArm.filter(({ said }) => said.blind).length,
    reviewers: new Set(labels.map(({ reviewer }) => reviewer)).size,
    coverage: strata.map((stratum) => ({
      stratum,
      comparisons: population.strata[stratum].units,
      drawn: population.strata[stratum].drawn,
      labelled: known.filter((pair) => pair.stratum === stratum).length,
      samplingProbability: stratum === 'pass' ? shares.passes : shares.failures,
    })),
    fine: fine && withFailures(fine, population),
    difference,
    whyNone: fine === null ? whyNone(known, population) : null,
    betweenReviewers: betweenReviewers(drawn, population, alpha),
    alpha: krippendorffAlpha(
      (['arm', 'served'] as const).flatMap((about) =>
        drawn.map((pair) => ratingsOf(pair, about).map(({ value }) => value)),
      ),
      'nominal',
    ),
    againstMeasures,
    againstScores: againstScores(weighted),
    qualityIsCalibrated:
      known.length >= calibrated.labels &&
      (quality?.kappa ?? 0) >= calibrated.kappa &&
      (quality?.lower ?? 0) >= calibrated.lower,
  }
}

function ratingsOf({ said }: SpokenOf, about: ReviewedAnswer): { reviewer: string; value: number }[] {
  return said
    .filter((each) => each.about === about && each.label !== 'unsure')
    .map(({ reviewer, label }) => ({ reviewer, value: Number(label === 'fine') }))
}

/** Of the people who know, the share who call it fine; null: nobody knows. */
function fineShareOf(pair: SpokenOf, about: ReviewedAnswer): number | null {
  const ratings = ratingsOf(pair, about)
  return ratings.length === 0 ? null : ratings.reduce((sum, { value }) => sum + value, 0) / ratings.length
}

function estimateOf(
  pairs: readonly SpokenOf[],
  population: Population,
  alpha: number,
  labelOf: (pair: SpokenOf) => number,
): HumanEstimate | null {
  if (pairs.length < fewestLabels) return null
  const found = stratifiedPredictionPoweredMean(
    strata.map((stratum) => {
      const own = pairs.filter((pair) => pair.stratum === stratum)
      const labelled = own.map((pair): Labelled => ({
        label: labelOf(pair),
        score: pair.quality,
        weight: pair.weight,
        cluster: pair.conversationId,
      }))
      return { labelled, unlabelled: without(population.strata[stratum], labelled) }
    }),
    alpha,
  )
  if (found === null) return null
  const { estimate, lower, upper, labels, lambda, labelsOnly } = found
  const within = ({ estimate: at, lower: from, upper: to }: { estimate: number; lower: number; upper: number }) => ({
    estimate: at,
    lower: Math.max(-1, from),
    upper: Math.min(1, to),
  })
  return { ...within({ estimate, lower, upper }), labels, lambda, labelsOnly: within(labelsOnly) }
}

function without(all: ScoreSums, labelled: readonly Labelled[]): ScoreSums {
  const left = { ...all }
  for (const { score, weight } of labelled) {
    left.units -= 1
    left.weight -= weight
    left.score -= weight * score
    left.square -= weight * score ** 2
    left.weight2 -= weight ** 2
    left.score2 -= weight ** 2 * score
    left.square2 -= weight ** 2 * score ** 2
  }
  // A label whose comparison has just come may be ahead of the sums.
  return left.units > 0 ? left : { units: 0, weight: 0, score: 0, square: 0, weight2: 0, score2: 0, square2: 0 }
}

/** Over all exchanges, those that the candidate failed among them: they are not fine. */
function withFailures(estimate: HumanEstimate, { strata: of, failedWeight }: Population): HumanEstimate {
  const answered = of.pass.weight + of.fail.weight
  const share = answered / (answered + failedWeight)
  const scaled = (each: { estimate: number; lower: number; upper: number }) => ({
    estimate: share * each.estimate,
    lower: share * Math.max(0, each.lower),
    upper: share * each.upper,
  })
  return { ...estimate, ...scaled(estimate), labelsOnly: scaled(estimate.labelsOnly) }
}

function whyNone(known: readonly SpokenOf[], { strata: of }: Population): string {
  if (known.length < fewestLabels) {
    return `${known.length} answers of the random share are labelled, and ${fewestLabels} are the least for an estimate`
  }
  const missing = strata.filter(
    (stratum) => of[stratum].units > 0 && known.filter((pair) => pair.stratum === stratum).length < 2,
  )
  const words = { pass: 'passed', fail: 'failed' }
  return missing.length === 0
    ? 'all labels are of one conversation'
    : `hardly any answer is labelled of those that the checks ${missing.map((each) => words[each]).join(' and ')}`
}

type Weighted = { pair: SpokenOf; weight: number }

/** Each pair stands for its part of its stratum, however many of it are labelled. */
function reweighted(pairs: readonly SpokenOf[], { strata: of }: Population): Weighted[] {
  const labelled = (stratum: Stratum) =>
    pairs.reduce((sum, pair) => sum + (pair.stratum === stratum ? pair.weight : 0), 0)
  const factor = { pass: of.pass.weight / labelled('pass'), fail: of.fail.weight / labelled('fail') }
  return pairs.map((pair) => ({ pair, weight: pair.weight * factor[pair.stratum] }))
}

function kappaOf(ratings: readonly SampledRating[], alpha: number): KappaOf {
  const found = sampledKappa(ratings, 2)
  if (found === null) {
    const same = ratings.length > 0 && ratings.every(({ first, second }) => first === second)
    return { pairs: ratings.length, kappa: null, lower: null, upper: null, agreement: same ? 1 : null }
  }
  const half = normalQuantile(1 - alpha) * found.standardError
  const { kappa, agreement } = found
  return {
    pairs: ratings.length,
    kappa,
    lower: Math.max(-1, kappa - half),
    upper: Math.min(1, kappa + half),
    agreement,
  }
}

function betweenReviewers(
  drawn: readonly SpokenOf[],
  population: Population,
  alpha: number,
): HumanReview['betweenReviewers'] {
  const names = [...new Set(drawn.flatMap(({ said }) => said.map(({ reviewer }) => reviewer)))].toSorted()
  return names.flatMap((first, index) =>
    names.slice(index + 1).flatMap((second) => {
      const together = drawn.filter((pair) => sharedRatings(pair, first, second).length > 0)
      if (together.length === 0) return []
      const ratings = reweighted(together, population).flatMap(({ pair, weight }) =>
        sharedRatings(pair, first, second).map(([one, other]) => ({ first: one, second: other, weight })),
      )
      return [{ reviewers: [first, second] as [string, string], ...kappaOf(ratings, alpha) }]
    }),
  )
}

function sharedRatings(pair: SpokenOf, first: string, second: string): [number, number][] {
  return (['arm', 'served'] as const).flatMap((about) => {
    const ratings = ratingsOf(pair, about)
    const of = (reviewer: string) => ratings.find((rating) => rating.reviewer === reviewer)?.value
    const [one, other] = [of(first), of(second)]
    return one === undefined || other === undefined ? [] : [[one, other] as [number, number]]
  })
}

/** What most people say; null where they are split. */
function majorityOf(pair: SpokenOf): number | null {
  const share = fineShareOf(pair, 'arm')
  return share === null || share === 0.5 ? null : Number(share > 0.5)
}

const isPass = (quality: number): number => Number(quality >= 0.999)

function measuresOf(weighted: readonly Weighted[], alpha: number): HumanReview['againstMeasures'] {
  const measures = [
    ['quality', ({ quality }: SpokenOf) => quality],
    ['judge', ({ judgeQuality }: SpokenOf) => judgeQuality],
    ['checks', ({ checksQuality }: SpokenOf) => checksQuality],
  ] as const
  return measures.flatMap(([measure, qualityIn]) => {
    const ratings = weighted.flatMap(({ pair, weight }) => {
      const [majority, quality] = [majorityOf(pair), qualityIn(pair)]
      return majority === null || quality === null ? [] : [{ first: majority, second: isPass(quality), weight }]
    })
    return ratings.length === 0 ? [] : [{ measure, ...kappaOf(ratings, alpha) }]
  })
}

function againstScores(weighted: readonly Weighted[]): HumanReview['againstScores'] {
  const names = [...new Set(weighted.flatMap(({ pair }) => Object.keys(pair.scores)))].toSorted()
  return names.flatMap((score) => {
    const ranked = weighted.flatMap(({ pair, weight }) => {
      const [majority, value] = [majorityOf(pair), pair.scores[score]]
      return majority === null || value === undefined ? [] : [{ value, isPositive: majority === 1, weight }]
    })
    const auc = ranked.length < fewestScored ? null : rankProbability(ranked)
    return auc === null ? [] : [{ score, answers: ranked.length, auc }]
  })
}
