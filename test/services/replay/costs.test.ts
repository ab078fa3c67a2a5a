import assert from 'node:assert/strict'
import { test } from 'node:test'
import { estimateOf } from '../../../services/replay/costs.ts'
import { anExchange, tokenDollars } from './builders.ts'

const expected = (text: string, outputTokens: number | null) => {
  const exchange = anExchange()
  const answer = { ...exchange.served.answer!, text, usage: { ...exchange.served.answer!.usage, outputTokens } }
  const served = { ...exchange, served: { ...exchange.served, answer } }
  return estimateOf(served, '{}', 'gpt-4o', new Date('2026-11-20'), tokenDollars)
}

test('an answer is expected to be as long as the served one, by the count of its provider', () => {
  assert.equal(expected('anything', 321).outputTokens, 321)
})

test('where the provider did not count, the length of the served text tells', () => {
  assert.equal(expected('x'.repeat(400), null).outputTokens, 100)
  assert.equal(expected('x'.repeat(5), null).outputTokens, 2)
})
