import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { predictionPoweredMean } from '../../../shared/statistics/judge-correction.ts'
import {
  type Labelled,
  type PredictionStratum,
  type ScoreSums,
  stratifiedPredictionPoweredMean,
} from '../../../shared/statistics/stratified-prediction.ts'
import { closeTo, seededRandom } from '../../support/statistics.ts'

function sumsOf(scores: readonly { score: number; weight: number }[]): ScoreSums {
  const sum = (value: (each: { score: number; weight: number }) => number) =>
    scores.reduce((total, each) => total + value(each), 0)
  return {
    units: scores.length,
    weight: sum(({ weight }) => weight),
    score: sum(({ weight, score }) => weight * score),
    square: sum(({ weight, score }) => weight * score ** 2),
    weight2: sum(({ weight }) => weight ** 2),
    score2: sum(({ weight, score }) => weight ** 2 * score),
    square2: sum(({ weight, score }) => weight ** 2 * score ** 2),
  }
}

const alone = (values: readonly (readonly [number, number])[]): Labelled[] =>
  values.map(([label, score], index) => ({ label, score, weight: 1, cluster: String(index) }))
const unweighted = (scores: readonly number[]) => sumsOf(scores.map((score) => ({ score, weight: 1 })))

test('with one stratum and equal weights it is the prediction-powered mean', () => {
  const random = seededRandom(4)
  const pairs = Array.from({ length: 400 }, () => {
    const label = Number(random() < 0.7)
    return [label, random() < 0.8 ? label : 1 - label] as const
  })
  const rest = Array.from({ length: 5_000 }, () => Number(random() < 0.6))
  const expected = predictionPoweredMean(
    pairs.map(([label, score]) => ({ label, score })),
    rest,
    0.05,
  )!
  const found = stratifiedPredictionPoweredMean([{ labelled: alone(pairs), unlabelled: unweighted(rest) }], 0.05)!

  closeTo(found.lambda, expected.lambda, 1e-3)
  closeTo(found.estimate, expected.estimate, 1e-3)
  closeTo(found.standardError, expected.standardError, 1e-4)
})

test('more labels in one stratum move its own mean, not its share of the traffic', () => {
  const strata = (labels: number): PredictionStratum[] => [
    {
      labelled: alone(Array.from({ length: 40 }, () => [1, 1] as const)),
      unlabelled: unweighted(Array<number>(900).fill(1)),
    },
    {
      labelled: alone(Array.from({ length: labels }, () => [0, 0] as const)),
      unlabelled: unweighted(Array<number>(140 - labels).fill(0)),
    },
  ]
  const [few, many] = [10, 60].map((labels) => stratifiedPredictionPoweredMean(strata(labels), 0.05)!)

  closeTo(few!.estimate, 940 / 1_080, 1e-9)
  closeTo(many!.estimate, 940 / 1_080, 1e-9)
})

test('labels that all say the same still leave room for what was not seen', () => {
  const labelled = alone(Array.from({ length: 59 }, () => [1, 1] as const))
  const { estimate, lower } = stratifiedPredictionPoweredMean(
    [{ labelled, unlabelled: unweighted(Array<number>(10_000).fill(1)) }],
    0.05,
  )!
  equal(estimate, 1)
  // The exact limit for 59 of 59.
  closeTo(lower, 0.05 ** (1 / 59), 1e-9)
})

test('a part of the traffic without labels leaves all of it unknown, an empty part does not', () => {
  const known: PredictionStratum = {
    labelled: alone([
      [1, 1],
      [0, 1],
      [1, 0],
    ]),
    unlabelled: unweighted([1, 0, 1]),
  }
  equal(stratifiedPredictionPoweredMean([known, { labelled: [], unlabelled: unweighted([1]) }], 0.05), null)
  equal(stratifiedPredictionPoweredMean([], 0.05), null)
  ok(stratifiedPredictionPoweredMean([known, { labelled: [], unlabelled: unweighted([]) }], 0.05) !== null)
})

test('labels of one conversation are not independent', () => {
  const values = Array.from({ length: 60 }, (_, index) => [Number(index % 10 < 7), 0.5] as const)
  const apart = alone(values)
  const together = apart.map((each, index) => ({ ...each, cluster: String(index % 10) }))
  const errorOf = (labelled: Labelled[]) =>
    stratifiedPredictionPoweredMean([{ labelled, unlabelled: unweighted([0.5, 0.5]) }], 0.05)!.standardError

  ok(errorOf(together) > errorOf(apart))
})

test('an estimate does not depend on the order of labels or strata', () => {
  const stratum = fc.record({
    labelled: fc
      .array(fc.tuple(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })), {
        minLength: 2,
        maxLength: 20,
      })
      .map(alone),
    unlabelled: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }).map(unweighted),
  })
  fc.assert(
    fc.property(fc.array(stratum, { minLength: 1, maxLength: 3 }), (strata) => {
      const turned = strata.toReversed().map((each) => ({ ...each, labelled: each.labelled.toReversed() }))
      const [found, again] = [strata, turned].map((each) => stratifiedPredictionPoweredMean(each, 0.05)!)
      closeTo(found!.estimate, again!.estimate, 1e-9)
      closeTo(found!.standardError, again!.standardError, 1e-9)
    }),
  )
})

test('it covers what people would say, with a biased score, unequal shares and labels of one stratum ahead of the other’s', () => {
  const random = seededRandom(11)
  const runs = 400
  let covered = 0
  let narrower = 0
  for (let run = 0; run < runs; run++) {
    const answers = Array.from({ length: 4_000 }, () => {
      const isPass = random() < 0.9
      // Checks pass what a twentieth of the time no person would, and fail what is often fine.
      const label = Number(random() < (isPass ? 0.95 : 0.4))
      return { isPass, label, score: isPass ? 1 : 0.6 * random(), weight: random() < 0.5 ? 1 : 4 }
    })
    const truth =
      answers.reduce((sum, { label, weight }) => sum + label * weight, 0) /
      answers.reduce((sum, { weight }) => sum + weight, 0)
    const strata = [true, false].map((isPass): PredictionStratum => {
      const all = answers.filter((answer) => answer.isPass === isPass)
      const share = isPass ? 0.03 : 0.2
      const drawn = all.map((answer) => ({ answer, isDrawn: random() < share }))
      return {
        labelled: drawn.flatMap(({ answer, isDrawn }, index) =>
          isDrawn ? [{ ...answer, cluster: String(index) }] : [],
        ),
        unlabelled: sumsOf(drawn.flatMap(({ answer, isDrawn }) => (isDrawn ? [] : [answer]))),
      }
    })
    const { lower, upper, standardError, labelsOnly } = stratifiedPredictionPoweredMean(strata, 0.05)!
    covered += Number(lower <= truth && truth <= upper)
    narrower += Number(standardError <= labelsOnly.standardError + 1e-9)
  }
  // Nominal 0.90; four standard errors of 400 runs are 0.06.
  ok(covered / runs >= 0.85, `covered ${covered} of ${runs}`)
  ok(narrower / runs >= 0.5, `narrower in ${narrower} of ${runs}`)
})
