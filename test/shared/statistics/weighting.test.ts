import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { effectiveSize, hajekMean } from '../../../shared/statistics/weighting.ts'
import { agreesWithReference, closeTo } from '../../support/statistics.ts'

test('the weighted mean, its error and the effective size agree with the reference', () => {
  agreesWithReference('hajekMean', hajekMean, 1e-12)
  agreesWithReference('effectiveSize', effectiveSize, 1e-12)
})

test('equal weights are no weights', () => {
  const { mean, standardError } = hajekMean([1, 2, 6].map((value) => ({ value, weight: 5 })))!
  equal(mean, 3)
  closeTo(standardError!, Math.sqrt(7 / 3), 1e-12)
  equal(effectiveSize([2, 2, 2]), 3)
})

test('nothing has no mean, and one value no error', () => {
  equal(hajekMean([]), null)
  equal(effectiveSize([]), 0)
  deepEqual(hajekMean([{ value: 4, weight: 2 }]), { mean: 4, standardError: null })
})
