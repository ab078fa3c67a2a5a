import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Ranked, rankProbability } from '../../../shared/statistics/rank-probability.ts'
import { closeTo } from '../../support/statistics.ts'

const ranked = fc.record({
  value: fc.integer({ min: 0, max: 6 }),
  isPositive: fc.boolean(),
  weight: fc.double({ min: 0.5, max: 20, noNaN: true }),
})

/** By its definition: every positive against every negative. */
function byPairs(sample: readonly Ranked[]): number | null {
  let [won, all] = [0, 0]
  for (const positive of sample.filter(({ isPositive }) => isPositive)) {
    for (const negative of sample.filter(({ isPositive }) => !isPositive)) {
      const weight = positive.weight * negative.weight
      all += weight
      won += positive.value > negative.value ? weight : positive.value === negative.value ? weight / 2 : 0
    }
  }
  return all === 0 ? null : won / all
}

test('it is the share of pairs in which the positive has more, ties counting half', () => {
  fc.assert(
    fc.property(fc.array(ranked, { maxLength: 30 }), (sample) => {
      const [found, expected] = [rankProbability(sample), byPairs(sample)]
      equal(found === null, expected === null)
      if (found !== null && expected !== null) closeTo(found, expected, 1e-9)
    }),
  )
})

test('a score the wrong way round has the complement', () => {
  fc.assert(
    fc.property(fc.array(ranked, { maxLength: 30 }), (sample) => {
      const turned = rankProbability(sample.map((each) => ({ ...each, value: -each.value })))
      const found = rankProbability(sample)
      if (found !== null) closeTo(turned!, 1 - found, 1e-9)
    }),
  )
})
