import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { pairedMean } from '../../../shared/statistics/paired-mean.ts'
import { agreesWithReference } from '../../support/statistics.ts'

test('two one-sided tests and their interval agree with the reference', () => {
  agreesWithReference('pairedMean', pairedMean, 1e-10)
})

test('a p-value is at alpha just where the interval touches the margin', () => {
  const differences = [0.1, -0.05, 0.02, 0.07, -0.01, 0.03]
  const { lower, upper } = pairedMean(differences, { low: -1, high: 1 }, 0.05)!
  const touching = pairedMean(differences, { low: lower, high: upper }, 0.05)!
  ok(Math.abs(touching.pAboveLow - 0.05) < 1e-12 && Math.abs(touching.pBelowHigh - 0.05) < 1e-12)
})

test('differences that do not differ are left to the e-process', () => {
  equal(pairedMean([0.1, 0.1, 0.1], { low: -1, high: 1 }, 0.05), null)
  equal(pairedMean([0.1], { low: -1, high: 1 }, 0.05), null)
})
