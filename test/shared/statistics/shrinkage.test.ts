import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { shrunken } from '../../../shared/statistics/shrinkage.ts'
import { closeTo } from '../../support/statistics.ts'

const group = (mean: number, standardError: number, units = 100) => ({ mean, standardError, units })

test('worked by hand: between-group variance 0.01, noise 0.0025', () => {
  const [low, , high] = shrunken([group(0.1, 0.05), group(0.2, 0.05), group(0.3, 0.05)])

  // T² = 0.0075, w = 0.75.
  closeTo(low!, 0.125, 1e-12)
  closeTo(high!, 0.275, 1e-12)
})

test('groups that differ by no more than their noise are one', () => {
  for (const estimate of shrunken([group(0.1, 1), group(0.2, 1), group(0.4, 1)])) closeTo(estimate, 0.7 / 3, 1e-12)
})

test('one group, none, and groups without noise stay as they are', () => {
  deepEqual(shrunken([group(0.3, 0.1)]), [0.3])
  deepEqual(shrunken([]), [])
  deepEqual(shrunken([group(0.1, 0), group(0.3, 0)]), [0.1, 0.3])
  equal(shrunken([group(0.2, 0), group(0.2, 0)])[0], 0.2)
})

test('an estimate lies between its group and the mean of all', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(fc.array(fc.tuple(share, share), { minLength: 2, maxLength: 8 }), (drawn) => {
      const groups = drawn.map(([mean, error]) => group(mean, error))
      const overall = groups.reduce((sum, { mean }) => sum + mean, 0) / groups.length
      for (const [index, estimate] of shrunken(groups).entries()) {
        const { mean } = groups[index]!
        ok(estimate >= Math.min(mean, overall) - 1e-12 && estimate <= Math.max(mean, overall) + 1e-12)
      }
    }),
  )
})
