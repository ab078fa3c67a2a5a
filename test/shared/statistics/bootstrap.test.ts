import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { bcaInterval } from '../../../shared/statistics/bootstrap.ts'
import { agreesWithReference } from '../../support/statistics.ts'

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

test('the interval agrees with the reference as far as chance allows', () => {
  // Replicates are drawn differently, so the ends agree within the error of 20,000 of them.
  agreesWithReference(
    'bcaMean',
    (values: number[]) => bcaInterval(values, mean, { alpha: 0.05, seed: 7, replicates: 20_000 }),
    0.02,
  )
})

test('the same seed gives the same interval', () => {
  const once = () => bcaInterval([1, 4, 2, 9, 3], mean, { alpha: 0.05, seed: 3 })
  deepEqual(once(), once())
})

test('where nothing varies, the interval is the point; one cluster has none', () => {
  deepEqual(bcaInterval([2, 2, 2], mean, { alpha: 0.05, seed: 1 }), { lower: 2, upper: 2 })
  equal(bcaInterval([2], mean, { alpha: 0.05, seed: 1 }), null)
})
