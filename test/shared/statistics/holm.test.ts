import { deepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { holm } from '../../../shared/statistics/holm.ts'
import { agreesWithReference, closeTo } from '../../support/statistics.ts'

test('the textbook example comes out in the order it was given', () => {
  const adjusted = holm([0.01, 0.04, 0.03, 0.005])

  ;[0.03, 0.06, 0.06, 0.02].forEach((expected, index) => closeTo(adjusted[index]!, expected, 1e-12))
  deepEqual(holm([]), [])
})

test('adjusting never lowers a p-value, never exceeds 1 and keeps the order', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 }), (pValues) => {
      const adjusted = holm(pValues)
      adjusted.forEach((p, i) => {
        ok(p >= pValues[i]! && p <= 1)
        adjusted.forEach((other, j) => ok(pValues[i]! >= pValues[j]! || p <= other))
      })
    }),
  )
})

test('adjusted p-values agree with the reference', () => {
  agreesWithReference('holm', holm, 1e-12)
})
