import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { qualityOf, scoreOf } from '../../../../services/compare/judge/score.ts'

test('an answer wins where it stands, loses where the other does', () => {
  equal(scoreOf('first', 'first'), 1)
  equal(scoreOf('first', 'second'), 0)
  equal(scoreOf('tie', 'second'), 0.5)
})

test('the served answer has quality 1: a tie reaches it, a win is no more, a loss in both orders is 0', () => {
  equal(qualityOf(0.5, 0.5), 1)
  equal(qualityOf(1, 1), 1)
  equal(qualityOf(1, 0.5), 1)
  equal(qualityOf(0, 0.5), 0.5)
  equal(qualityOf(0.5, 0), 0.5)
  equal(qualityOf(0, 0), 0)
})

test('won in one order and lost in the other settles nothing', () => {
  equal(qualityOf(1, 0), null)
  equal(qualityOf(0, 1), null)
})
