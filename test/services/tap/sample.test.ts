import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { isSampled } from '../../../services/tap/sample.ts'

test('the share of keys that is sampled is the rate, and a larger rate keeps what a smaller one kept', () => {
  const keys = Array.from({ length: 20_000 }, (_, i) => `key-${i}`)
  for (const rate of [0.01, 0.2, 0.5, 0.9]) {
    const share = keys.filter((key) => isSampled(key, rate)).length / keys.length
    // Four standard deviations.
    ok(Math.abs(share - rate) < 4 * Math.sqrt((rate * (1 - rate)) / keys.length), `${share} at ${rate}`)
  }
  ok(keys.filter((key) => isSampled(key, 0.1)).every((key) => isSampled(key, 0.2)))
  equal(keys.filter((key) => isSampled(key, 1)).length, keys.length)
})
