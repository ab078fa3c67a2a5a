import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { quantile } from '../../../shared/statistics/quantile.ts'

test('a quantile is a value that was seen, at the inverse of the empirical distribution', () => {
  const values = [50, 10, 40, 20, 30]

  equal(quantile(values, 0), 10)
  equal(quantile(values, 0.2), 10)
  equal(quantile(values, 0.21), 20)
  equal(quantile(values, 0.5), 30)
  equal(quantile(values, 0.95), 50)
  equal(quantile(values, 1), 50)
})

test('rounding of n·tau does not move the rank', () => {
  equal(
    quantile(
      Array.from({ length: 100 }, (_, i) => i + 1),
      0.07,
    ),
    7,
  )
})

test('no values have no quantile, and a failure counts as infinitely slow', () => {
  equal(quantile([], 0.5), null)
  equal(quantile([1, Infinity, 2], 0.95), Infinity)
})
