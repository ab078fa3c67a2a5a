import { deepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { benjaminiHochberg, eBenjaminiHochberg } from '../../../shared/statistics/benjamini-hochberg.ts'
import { agreesWithReference } from '../../support/statistics.ts'

test('adjusted p-values agree with the reference', () => {
  agreesWithReference('benjaminiHochberg', benjaminiHochberg, 1e-12)
  deepEqual(benjaminiHochberg([]), [])
})

test('evidence is rejected as its inverse would be by Benjamini and Hochberg', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 12, noNaN: true }), { maxLength: 20 }), (logEs) => {
      const byP = benjaminiHochberg(logEs.map((logE) => Math.exp(-logE))).map((p) => p <= 0.1)
      const byE = eBenjaminiHochberg(logEs, 0.1)
      // A value within rounding of its threshold may fall on either side.
      const isClose = logEs.some((logE) =>
        logEs.some((_, k) => Math.abs(logE - Math.log(logEs.length / ((k + 1) * 0.1))) < 1e-9),
      )
      ok(isClose || byE.every((rejected, index) => rejected === byP[index]))
    }),
  )
})

test('without evidence nothing is rejected', () => {
  deepEqual(eBenjaminiHochberg([0, -3, 1], 0.1), [false, false, false])
  deepEqual(eBenjaminiHochberg([], 0.1), [])
  deepEqual(eBenjaminiHochberg([Math.log(31), 0, 0], 0.1), [true, false, false])
})
