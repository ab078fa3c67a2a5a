import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { binomialCdf, binomialPmf } from '../../../shared/statistics/binomial.ts'
import { agreesWithReference, closeTo } from '../../support/statistics.ts'

test('binomial probabilities agree with the reference, also for many trials', () => {
  agreesWithReference('binomialPmf', binomialPmf, 1e-12)
  agreesWithReference('binomialCdf', binomialCdf, 1e-11)
})

test('what cannot happen has probability 0, and all of it together 1', () => {
  equal(binomialPmf(-1, 5, 0.3), 0)
  equal(binomialPmf(6, 5, 0.3), 0)
  equal(binomialCdf(-1, 5, 0.3), 0)
  equal(binomialCdf(5, 5, 0.3), 1)
  const all = Array.from({ length: 41 }, (_, k) => binomialPmf(k, 40, 0.37)).reduce((sum, p) => sum + p, 0)
  closeTo(all, 1, 1e-13)
})
