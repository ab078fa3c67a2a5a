import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { addedRatios, bootstrap, median, quantile, ratios, slope, slopeInterval } from './statistics.ts'

const figures = fc.array(fc.double({ min: 0.001, max: 1_000, noNaN: true }), { minLength: 1, maxLength: 20 })

test('ratios are taken inside each round, and a round without a reference says nothing', () => {
  deepEqual(ratios([2, 9, 4], [1, 3, 8]), [2, 3, 0.5])
  deepEqual(ratios([2, 2, 2], [0, -1]), [Number.NaN, Number.NaN, Number.NaN])
})

test('what adds nothing is free, and dear beside a reference that adds nothing is infinitely so', () => {
  deepEqual(addedRatios([6, -1, -1, 5, Number.NaN], [3, 3, -2, -2, 1]), [2, 0, 0, Infinity, Number.NaN])
  const { median: middle, high } = bootstrap(addedRatios([6, 6, 6, 6, 6, 6, 6, 6, 6], [3, 3, 3, 3, 3, 3, 3, 3, 0]))
  deepEqual([middle, high], [2, 2])
})

test('one figure that is missing makes the whole interval unknown', () => {
  const { median: middle, low, high } = bootstrap([1, Number.NaN, 1])
  deepEqual([middle, low, high], [Number.NaN, Number.NaN, Number.NaN])
  ok(Number.isNaN(bootstrap([]).low))
})

test('an interval lies within what was seen, around its median, and is the same every time', () => {
  fc.assert(
    fc.property(figures, (values) => {
      const interval = bootstrap(values, median, 200)
      ok(Math.min(...values) <= interval.low && interval.low <= interval.median)
      ok(interval.median <= interval.high && interval.high <= Math.max(...values))
      deepEqual(bootstrap(values, median, 200), interval)
    }),
  )
})

test('rounds that agree leave nothing open; one round that does not is not enough to move the median', () => {
  deepEqual(bootstrap([3, 3, 3, 3]), { median: 3, low: 3, high: 3 })
  const { median: middle, high } = bootstrap([1, 1, 1, 1, 1, 1, 1, 1, 100])
  deepEqual([middle, high], [1, 1])
})

test('a quantile is a value that was seen', () => {
  const ascending = [1, 2, 3, 4]
  deepEqual(
    [0, 0.5, 0.99, 1].map((tau) => quantile(ascending, tau)),
    [1, 2, 4, 4],
  )
  ok(Number.isNaN(quantile([], 0.5)))
})

test('a slope is found under outliers, and its interval covers none where nothing grows', () => {
  const line = Array.from({ length: 30 }, (_, x) => ({ x, y: 5 + 2 * x }))
  equal(slope(line.map((point) => (point.x === 7 ? { ...point, y: 1_000 } : point))), 2)
  const saw = Array.from({ length: 60 }, (_, x) => ({ x, y: 100 + (x % 5) }))
  const { low, high } = slopeInterval(saw)
  ok(low <= 0 && high >= 0 && high < 0.1)
})
