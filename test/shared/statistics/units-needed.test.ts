import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { kellySums } from '../../../shared/statistics/e-process.ts'
import { moreAtObservedRate, moreUnits } from '../../../shared/statistics/units-needed.ts'
import { negated, workedExample } from '../../support/statistics.ts'

const sums = kellySums(workedExample, 0.97)

test('the worked example needs 95 more units at the observed rate', () => {
  equal(moreAtObservedRate({ sums, units: 600, alpha: 0.05 }), 95)
})

test('evidence that shrinks is not expected to get there', () => {
  equal(moreAtObservedRate({ sums: kellySums(negated(workedExample), 1.03), units: 600, alpha: 0.05 }), null)
})

test('no unit gives no rate', () => {
  equal(moreAtObservedRate({ sums: kellySums([], 0.97), units: 0, alpha: 0.05 }), null)
})

test('the other two assumptions use the planning formula, less what has been seen', () => {
  const more = moreUnits({ sums, units: 600, sd: 0.3, bound: 0.98, alpha: 0.05, meanIfEqual: 0.02, lower: -0.0027 })

  equal(more.ifTrulyEqual, 3132 - 600)
  equal(more.atLowerBound, null)
})

test('a proven gate needs nothing more', () => {
  const proven = kellySums(Array<number>(400).fill(0.03), 0.97)

  const more = moreUnits({ sums: proven, units: 400, sd: 0, bound: 0.97, alpha: 0.05, meanIfEqual: 0.03, lower: 0.01 })

  equal(more.atObservedRate, 0)
  equal(more.ifTrulyEqual, 0)
  equal(more.atLowerBound, 0)
})
