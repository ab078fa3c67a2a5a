import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { quantileInterval, quantileRatio } from '../../../shared/statistics/quantile-interval.ts'
import { agreesWithReference, closeTo } from '../../support/statistics.ts'

test('ranks of a quantile agree with the reference; 299 values bound a p99 from above, 298 do not', () => {
  agreesWithReference('quantileInterval', quantileInterval, 1e-12)
})

test('the ratio of two quantiles agrees with the reference, also in clusters', () => {
  agreesWithReference('quantileRatio', quantileRatio, 1e-10)
})

test('a failure is slower than anything: an end that falls on one is open', () => {
  const pairs = Array.from({ length: 40 }, (_, index) => ({
    candidate: index < 36 ? 100 + index : Infinity,
    control: 100 + index,
  }))
  equal(quantileRatio(pairs, 0.85, 0.05).upper, null)
  deepEqual(quantileRatio(pairs, 0.99, 0.05), { ratio: null, lower: null, upper: null })
  deepEqual(quantileRatio([], 0.5, 0.05), { ratio: null, lower: null, upper: null })
})

test('one arm twice as slow on every pair has a ratio of 2 and no doubt about it', () => {
  const pairs = Array.from({ length: 200 }, (_, index) => ({ candidate: 2 * (index + 50), control: index + 50 }))
  const { ratio, lower, upper } = quantileRatio(pairs, 0.5, 0.05)
  equal(ratio, 2)
  // The two arms' limits lie at different distances from their medians, and only that is left.
  closeTo(lower!, 2, 0.02)
  closeTo(upper!, 2, 0.02)
})
