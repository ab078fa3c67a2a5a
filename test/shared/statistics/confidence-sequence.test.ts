import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { confidenceSequence } from '../../../shared/statistics/confidence-sequence.ts'
import { logE } from '../../../shared/statistics/e-process.ts'
import { closeTo, negated, workedExample } from '../../support/statistics.ts'

const range = { low: -0.97, high: 1.03 }
const values = fc.array(fc.double({ min: -0.97, max: 1.03, noNaN: true }), { minLength: 1, maxLength: 60 })

test('the worked example has the published interval', () => {
  const interval = confidenceSequence(workedExample, range, 0.05)

  closeTo(interval.lower - 0.03, -0.032738, 5e-7)
  closeTo(interval.upper - 0.03, 0.025578, 5e-7)
})

test('without data every mean is possible', () => {
  equal(confidenceSequence([], range, 0.05).lower, -0.97)
  equal(confidenceSequence([], range, 0.05).upper, 1.03)
})

test('units that all sit at an end of the range push no bound beyond it', () => {
  const lowest = confidenceSequence([-0.97, -0.97, -0.97], range, 0.05)
  const highest = confidenceSequence([1.03, 1.03, 1.03], range, 0.05)

  equal(lowest.lower, -0.97)
  ok(lowest.upper > -0.97 && lowest.upper < 1.03)
  equal(highest.upper, 1.03)
  ok(highest.lower < 1.03 && highest.lower > -0.97)
})

test('mirrored data have a mirrored interval', () => {
  fc.assert(
    fc.property(values, (units) => {
      const seen = confidenceSequence(units, range, 0.05)
      const mirror = confidenceSequence(negated(units), { low: -1.03, high: 0.97 }, 0.05)
      closeTo(seen.lower, -mirror.upper, 1e-9)
      closeTo(seen.upper, -mirror.lower, 1e-9)
    }),
  )
})

test('the lower bound is above 0 exactly where the evidence reaches its threshold', () => {
  fc.assert(
    fc.property(values, (units) => {
      const evidence = logE(units, 0.97)
      fc.pre(Math.abs(evidence - Math.log(20)) > 1e-6)
      equal(confidenceSequence(units, range, 0.05).lower > 0, evidence >= Math.log(20))
    }),
  )
})

test('the interval holds the sample mean and narrows as alpha grows', () => {
  fc.assert(
    fc.property(values, (units) => {
      const mean = units.reduce((sum, value) => sum + value, 0) / units.length
      const strict = confidenceSequence(units, range, 0.01)
      const loose = confidenceSequence(units, range, 0.2)
      ok(strict.lower <= loose.lower && loose.lower <= mean + 1e-12)
      ok(strict.upper >= loose.upper && loose.upper >= mean - 1e-12)
    }),
  )
})
