import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  mcNemar,
  newcombe,
  type PairedOutcomes,
  tangoInterval,
  tangoNonInferiority,
  tangoScore,
} from '../../../shared/statistics/paired-proportions.ts'
import { agreesWithReference, closeTo } from '../../support/statistics.ts'

const published: PairedOutcomes = { both: 1, onlyCandidate: 1, onlyControl: 7, neither: 12 }

test('Tango’s and Newcombe’s published example', () => {
  const [tango, paired] = [tangoInterval(published, 0.025), newcombe(published, 0.025)]
  closeTo(tango.lower, -0.5172, 5e-5)
  closeTo(tango.upper, -0.026, 5e-5)
  closeTo(paired.lower, -0.5069, 5e-5)
  closeTo(paired.upper, -0.0256, 5e-5)
})

test('the score agrees with a likelihood that is maximised by search', () => {
  agreesWithReference('tangoScore', tangoScore, 1e-5)
})

test('the worked example of non-inferiority at one planned look', () => {
  const pairs = { both: 570, onlyCandidate: 14, onlyControl: 16, neither: 0 }
  closeTo(tangoScore(pairs, -0.03), 2.63755, 5e-7)
  closeTo(tangoNonInferiority(pairs, 0.03), 0.004175, 5e-7)
})

test('McNemar’s test agrees with the reference', () => {
  agreesWithReference('mcNemar', mcNemar, 1e-12)
})

const count = fc.integer({ min: 0, max: 60 })
const outcomes = fc
  .record({ both: count, onlyCandidate: count, onlyControl: count, neither: count })
  .filter(({ both, onlyCandidate, onlyControl, neither }) => both + onlyCandidate + onlyControl + neither > 0)

test('both intervals hold the difference, lie in [−1, 1] and turn round with the arms', () => {
  fc.assert(
    fc.property(outcomes, (pairs) => {
      const { both, onlyCandidate: b, onlyControl: c, neither } = pairs
      const difference = (b - c) / (both + b + c + neither)
      for (const interval of [tangoInterval, newcombe]) {
        const { lower, upper } = interval(pairs, 0.05)
        const turned = interval({ ...pairs, onlyCandidate: c, onlyControl: b }, 0.05)
        ok(lower >= -1 - 1e-9 && lower <= difference + 1e-9 && difference <= upper + 1e-9 && upper <= 1 + 1e-9)
        closeTo(turned.lower, -upper, 1e-7)
      }
    }),
  )
})
