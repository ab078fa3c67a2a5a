import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { assert, constantFrom, property } from 'fast-check'
import { didYouMean } from '../../../shared/config/did-you-mean.ts'

const known = ['timeoutMs', 'budgetUsdPerDay', 'provider', 'model', 'routes']

test('a slip of the finger, another case style and an unfinished word find their name', () => {
  equal(didYouMean('timeout_ms', known), 'timeoutMs')
  equal(didYouMean('TimeoutMs', known), 'timeoutMs')
  equal(didYouMean('budgetUsd', known), 'budgetUsdPerDay')
  equal(didYouMean('modle', known), 'model')
  equal(didYouMean('route', known), 'routes')
})

test('a word that is far from all names suggests none', () => {
  equal(didYouMean('temperature', known), null)
  equal(didYouMean('x', known), null)
  equal(didYouMean('anything', []), null)
})

test('a known name always finds itself', () => {
  assert(property(constantFrom(...known), (name) => didYouMean(name, known) === name))
})
