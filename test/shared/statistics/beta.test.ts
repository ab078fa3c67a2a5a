import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { betaCdf, betaQuantile, increasingRoot } from '../../../shared/statistics/beta.ts'
import { agreesWithReference, closeTo } from '../../support/statistics.ts'

test('the beta distribution and its quantiles agree with the reference', () => {
  agreesWithReference('betaCdf', betaCdf, 1e-11)
  agreesWithReference('betaQuantile', betaQuantile, 1e-11)
})

test('the beta distribution has its mirror image', () => {
  const shape = fc.double({ min: 0.1, max: 500, noNaN: true })
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), shape, shape, (x, a, b) =>
      closeTo(betaCdf(x, a, b) + betaCdf(1 - x, b, a), 1, 1e-11),
    ),
  )
})

test('outside its range the beta distribution is 0 and 1', () => {
  equal(betaCdf(-0.5, 2, 3), 0)
  equal(betaCdf(1.5, 2, 3), 1)
})

test('the root of an increasing function is found to the last bits', () => {
  closeTo(
    increasingRoot((x) => x * x - 2, 0, 2),
    Math.SQRT2,
    1e-15,
  )
})
