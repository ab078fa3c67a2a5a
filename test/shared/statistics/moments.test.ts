import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { areEqual, meanOfValues, sumOf, varianceOf } from '../../../shared/statistics/moments.ts'

test('mean, variance and sum, and none where there is too little', () => {
  equal(sumOf([]), 0)
  equal(meanOfValues([]), null)
  equal(meanOfValues([1, 2, 6]), 3)
  equal(varianceOf([4]), null)
  equal(varianceOf([1, 2, 6]), 7)
  equal(areEqual([0.1, 0.1, 0.1]), true)
  equal(areEqual([0.1, 0.2]), false)
  equal(varianceOf([1e9 + 1, 1e9 + 2, 1e9 + 6]), 7)
})
