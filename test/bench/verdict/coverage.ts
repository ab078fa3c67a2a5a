import { asymptoticSequence } from '../../../shared/statistics/asymptotic-sequence.ts'
import { bcaInterval } from '../../../shared/statistics/bootstrap.ts'
import { clusteredMean } from '../../../shared/statistics/clustered-mean.ts'
import { confidenceSequence } from '../../../shared/statistics/confidence-sequence.ts'
import { predictionPoweredMean, roganGladen } from '../../../shared/statistics/judge-correction.ts'
import { pairedMean } from '../../../shared/statistics/paired-mean.ts'
import { newcombe, tangoInterval } from '../../../shared/statistics/paired-proportions.ts'
import { clopperPearson, wilson } from '../../../shared/statistics/proportion.ts'
import { quantileInterval, quantileRatio } from '../../../shared/statistics/quantile-interval.ts'
import { seededRandom } from '../../../shared/statistics/seeded-random.ts'
import { hajekMean } from '../../../shared/statistics/weighting.ts'
import { normalQuantile } from '../../../shared/statistics/normal.ts'
import { bell, drawn, logNormal, type Random, type Share, shareOf } from './draws.ts'

const alpha = 0.05
/** Of every interval here: 1 − 2·alpha. */
export const nominal = 0.9

/** `least`: at least nominal by proof. `about`: nominal in the limit; a few points below it in small samples are its nature. */
export type Coverage = { interval: string; promise: 'least' | 'about'; covered: Share }

type Ends = { lower: number | null; upper: number | null } | null
type Case = { interval: string; promise: Coverage['promise']; runs?: number; holds: (random: Random) => boolean }

const holds = (ends: Ends, truth: number) =>
  ends !== null && (ends.lower ?? -Infinity) <= truth && truth <= (ends.upper ?? Infinity)
const draw = (count: number, one: (index: number) => number) => Array.from({ length: count }, (_, index) => one(index))
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const latency = (random: Random) => 1_000 * logNormal(random, 0.5) * (random() < 0.02 ? 8 : 1)

/** Pairs of passes: 4 % only by the candidate, 6 % only by the control. */
function passes(random: Random, n: number) {
  const counts = [0, 0, 0, 0]
  for (let pair = 0; pair < n; pair += 1) counts[drawn([0.8, 0.04, 0.06, 0.1], random)]! += 1
  return { both: counts[0]!, onlyCandidate: counts[1]!, onlyControl: counts[2]!, neither: counts[3]! }
}

function atEveryLook(
  looks: readonly number[],
  values: number[],
  ends: (seen: number[]) => Ends,
  truth: number,
): boolean {
  return looks.every((look) => holds(ends(values.slice(0, look)), truth))
}

function clusters(random: Random, count: number) {
  return Array.from({ length: count }, () => {
    const shared = 0.65 * bell(random)
    return draw(5, () => shared + bell(random)).map((value) => ({ value }))
  })
}

const cases: readonly Case[] = [
  {
    interval: 'confidence sequence, 20 looks to 2,000',
    promise: 'least',
    runs: 0.5,
    holds(random) {
      const values = draw(2_000, () => drawn([0.03, 0.92, 0.05], random) - 1)
      const looks = draw(20, (index) => 100 * (index + 1))
      return atEveryLook(looks, values, (seen) => confidenceSequence(seen, { low: -1, high: 1 }, alpha), 0.02)
    },
  },
  {
    interval: 'asymptotic sequence, 46 looks from 500 to 5,000',
    promise: 'about',
    holds(random) {
      const values = draw(5_000, () => Math.abs(bell(random)))
      let [sum, squares, held] = [0, 0, true]
      for (const [index, value] of values.entries()) {
        sum += value
        squares += value * value
        const n = index + 1
        if (n < 500 || n % 100 !== 0) continue
        const standardError = Math.sqrt((squares / n - (sum / n) ** 2) / (n - 1))
        held &&= holds(asymptoticSequence({ mean: sum / n, standardError, units: n }, alpha), Math.sqrt(2 / Math.PI))
      }
      return held
    },
  },
  {
    interval: 'paired mean, t, n = 40',
    promise: 'about',
    holds: (random) =>
      holds(
        pairedMean(
          draw(40, () => bell(random)),
          { low: -1, high: 1 },
          alpha,
        ),
        0,
      ),
  },
  {
    interval: 'clustered mean, CR1 + t, 10 clusters',
    promise: 'about',
    holds: (random) => holds(clusteredMean(clusters(random, 10), alpha)!.interval, 0),
  },
  {
    interval: 'clustered mean, CR1 + t, 40 clusters',
    promise: 'about',
    holds: (random) => holds(clusteredMean(clusters(random, 40), alpha)!.interval, 0),
  },
  {
    interval: 'Hájek mean, n = 200',
    promise: 'about',
    holds(random) {
      // The rarer a request is sampled, the larger its value: without the weights the mean is wrong.
      const sample = Array.from({ length: 200 }, () => {
        const isRare = random() < 1 / 3
        return { value: bell(random) + Number(isRare), weight: isRare ? 2 : 1 }
      })
      const { mean: estimate, standardError } = hajekMean(sample)!
      const half = normalQuantile(1 - alpha) * standardError!
      return holds({ lower: estimate - half, upper: estimate + half }, 0.5)
    },
  },
  {
    interval: 'Wilson, 5 % of 200',
    promise: 'about',
    holds: (random) =>
      holds(
        wilson(
          draw(200, () => Number(random() < 0.05)).reduce((a, b) => a + b),
          200,
          alpha,
        ),
        0.05,
      ),
  },
  {
    interval: 'Clopper-Pearson, 5 % of 200',
    promise: 'least',
    holds: (random) =>
      holds(
        clopperPearson(
          draw(200, () => Number(random() < 0.05)).reduce((a, b) => a + b),
          200,
          alpha,
        ),
        0.05,
      ),
  },
  {
    interval: 'Tango, n = 200',
    promise: 'about',
    holds: (random) => holds(tangoInterval(passes(random, 200), alpha), -0.02),
  },
  {
    interval: 'Newcombe, n = 200',
    promise: 'about',
    holds: (random) => holds(newcombe(passes(random, 200), alpha), -0.02),
  },
  {
    interval: 'BCa bootstrap of a mean, lognormal, n = 60',
    promise: 'about',
    runs: 0.2,
    holds(random) {
      const values = draw(60, () => logNormal(random, 0.5))
      const seed = Math.floor(random() * 1e9)
      return holds(bcaInterval(values, mean, { alpha, seed }), Math.exp(0.125))
    },
  },
  {
    interval: 'quantile by ranks, p50, n = 101',
    promise: 'least',
    holds: (random) =>
      holds(
        quantileInterval(
          draw(101, () => logNormal(random, 0.5)),
          0.5,
          alpha,
        ),
        1,
      ),
  },
  {
    interval: 'quantile by ranks, p95, n = 400',
    promise: 'least',
    holds: (random) =>
      holds(
        quantileInterval(
          draw(400, () => logNormal(random, 0.5)),
          0.95,
          alpha,
        ),
        Math.exp(0.5 * normalQuantile(0.95)),
      ),
  },
  ...[0.5, 0.95].map((tau): Case => ({
    interval: `ratio of quantiles, p${tau * 100}, outliers, n = 400`,
    promise: 'about',
    holds(random) {
      const pairs = Array.from({ length: 400 }, () => ({ candidate: 1.1 * latency(random), control: latency(random) }))
      return holds(quantileRatio(pairs, tau, alpha), 1.1)
    },
  })),
  {
    interval: 'prediction-powered mean, 100 labels, judge off by 0.05',
    promise: 'about',
    holds(random) {
      const answer = () => {
        const label = Number(random() < 0.8)
        return { label, score: 0.9 * label + 0.13 + 0.2 * (random() - 0.5) }
      }
      const labelled = Array.from({ length: 100 }, answer)
      return holds(
        predictionPoweredMean(
          labelled,
          draw(1_000, () => answer().score),
          alpha,
        ),
        0.8,
      )
    },
  },
  {
    interval: 'Rogan-Gladen, 200 labels of each kind',
    promise: 'about',
    holds(random) {
      const count = (n: number, share: number) => draw(n, () => Number(random() < share)).reduce((a, b) => a + b)
      const calibration = { rightPasses: count(200, 0.9), passes: 200, rightFails: count(200, 0.8), fails: 200 }
      const judge = { passed: count(1_000, 0.7 * 0.9 + 0.3 * 0.2), judged: 1_000 }
      return holds(roganGladen(judge, calibration, alpha), 0.7)
    },
  },
]

/** How often each interval of nominal level 90 % holds what is true. */
export function coverages(runs: number): Coverage[] {
  return cases.map(({ interval, promise, runs: part = 1, holds: held }, number) => {
    const random = seededRandom(number + 1)
    const tried = Math.max(20, Math.round(runs * part))
    return {
      interval,
      promise,
      covered: shareOf(
        draw(tried, () => Number(held(random))).reduce((a, b) => a + b),
        tried,
      ),
    }
  })
}
