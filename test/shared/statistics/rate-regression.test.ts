import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assert, double, property } from 'fast-check'
import { binomialCdf } from '../../../shared/statistics/binomial.ts'
import { fixedUnits } from '../../../shared/statistics/planning.ts'
import { leastFailures, rateRegression } from '../../../shared/statistics/rate-regression.ts'

test('the test that is planned keeps its level and has its power', () => {
  const rate = double({ min: 0, max: 0.3, noNaN: true })
  const rise = double({ min: 0.005, max: 0.3, noNaN: true })
  assert(
    property(rate, rise, (from, by) => {
      const { requests, failures } = rateRegression({ from, to: from + by, alpha: 0.05, power: 0.8 })

      ok(1 - binomialCdf(failures - 1, requests, from) <= 0.05)
      ok(1 - binomialCdf(failures - 1, requests, from + by) >= 0.8)
      ok(failures === 1 || 1 - binomialCdf(failures - 2, requests, from) > 0.05)
    }),
    { numRuns: 50 },
  )
})

test('from nothing to 1 %, one failure tells: (1 − 0.01)^n ≤ 0.2', () => {
  const { requests, failures } = rateRegression({ from: 0, to: 0.01, alpha: 0.05, power: 0.8 })

  equal(failures, 1)
  equal(requests, Math.ceil(Math.log(0.2) / Math.log(0.99)))
})

test('it asks for about what the normal approximation does', () => {
  const [from, to] = [0.02, 0.03]
  const { requests } = rateRegression({ from, to, alpha: 0.05, power: 0.8 })
  const normal = fixedUnits({ sd: Math.sqrt(to * (1 - to)), margin: to - from, alpha: 0.05, power: 0.8 })

  ok(requests > 0.8 * normal && requests < 1.2 * normal, `${requests}, ${normal}`)
})

test('a rate that does not rise is never seen to rise', () => {
  equal(rateRegression({ from: 0.1, to: 0.1, alpha: 0.05, power: 0.8 }).requests, Infinity)
})

test('no failure at all is never too many where failures are certain', () => {
  equal(leastFailures(10, 1, 0.05), 11)
  equal(leastFailures(10, 0, 0.05), 1)
})
