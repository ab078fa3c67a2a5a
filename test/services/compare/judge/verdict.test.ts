import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { readVerdict } from '../../../../services/compare/judge/verdict.ts'

test('a verdict is the object that was asked for', () => {
  deepEqual(readVerdict('{"reason":"More precise.","winner":"second"}'), { reason: 'More precise.', winner: 'second' })
})

for (const text of [
  '',
  'tie',
  'I would say {"winner":"first"}.',
  '{"winner":"A"}',
  '{"winner":null}',
  '["first"]',
  '{"reason":"x"}',
  'null',
]) {
  test(`${JSON.stringify(text)} is no verdict, and never taken for a tie`, () => equal(readVerdict(text), null))
}
