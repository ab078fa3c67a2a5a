import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { asymptoticSequence, sequentialZ } from '../../../shared/statistics/asymptotic-sequence.ts'
import { closeTo } from '../../support/statistics.ts'

test('the width is that of the published formula', () => {
  const [n, alpha] = [2_000, 0.05]
  const rho = Math.sqrt((-2 * Math.log(0.1) + Math.log(1 - 2 * Math.log(0.1))) / 5_000)
  const width = Math.sqrt(
    ((2 * (n * rho ** 2 + 1)) / (n ** 2 * rho ** 2)) * Math.log(1 + Math.sqrt(n * rho ** 2 + 1) / (2 * alpha)),
  )
  const { lower, upper } = asymptoticSequence({ mean: 0.1, standardError: 0.3 / Math.sqrt(n), units: n }, alpha)!
  closeTo(upper - lower, 2 * 0.3 * width, 1e-12)
  closeTo((lower + upper) / 2, 0.1, 1e-12)
})

test('looking at every unit costs more than one look, least where it was planned for', () => {
  const ratio = [500, 5_000, 500_000].map((units) => sequentialZ(units, 0.05) / 1.645)
  ok(
    ratio.every((each) => each > 1.5 && each < 3),
    ratio.join(),
  )
})

test('before the limit theorem has set in there is no interval', () => {
  equal(asymptoticSequence({ mean: 0, standardError: 1, units: 499 }, 0.05), null)
})
