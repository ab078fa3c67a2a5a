import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { clopperPearson, wilson } from '../../../shared/statistics/proportion.ts'
import { agreesWithReference, closeTo } from '../../support/statistics.ts'

test('intervals for a rate agree with the reference', () => {
  agreesWithReference('wilson', wilson, 1e-12)
  agreesWithReference('clopperPearson', clopperPearson, 1e-10)
})

test('the rule of three: 299 clean requests prove less than 1 %, 298 do not', () => {
  ok(clopperPearson(0, 299, 0.05).upper < 0.01)
  ok(clopperPearson(0, 298, 0.05).upper > 0.01)
  closeTo(clopperPearson(0, 59, 0.05).upper, 1 - 0.05 ** (1 / 59), 1e-12)
  equal(wilson(0, 10, 0.05).lower, 0)
  equal(wilson(10, 10, 0.05).upper, 1)
})
