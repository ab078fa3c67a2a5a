import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { binomialTerm } from '../../../shared/statistics/binomial-term.ts'
import { closeTo } from '../../support/statistics.ts'

test('a term of the binomial distribution, also where nothing is random', () => {
  closeTo(binomialTerm(2, 1, 0.5, 0.5), 3 / 8, 1e-15)
  closeTo(binomialTerm(0, 3, 0.1, 0.9), 0.729, 1e-15)
  closeTo(binomialTerm(3, 0, 0.1, 0.9), 0.001, 1e-15)
  equal(binomialTerm(0, 3, 0, 1), 1)
  equal(binomialTerm(1, 3, 0, 1), 0)
  equal(binomialTerm(3, 0, 1, 0), 1)
  equal(binomialTerm(3, 1, 1, 0), 0)
})
