import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { taskOf } from '../../../services/compare/task.ts'
import { aCall, anAnswer, aSet } from './builders.ts'

function guessed(text: string, request?: unknown) {
  return taskOf(aSet({ served: { answer: anAnswer({ text }) }, request }).exchange).task
}

const jsonRequest = { model: 'm', messages: [], response_format: { type: 'json_object' } }

test('what the route declares is believed', () => {
  const { exchange } = aSet({ exchange: { task: 'label' }, request: jsonRequest })
  deepEqual({ ...taskOf(exchange), asked: null }, { task: 'label', jsonExpected: true, schema: null, asked: null })
})

test('without a declaration the request and the served answer tell', () => {
  equal(guessed('not even JSON', jsonRequest), 'json')
  equal(guessed(' {"a":1}'), 'json')
  equal(guessed('[1,2]\n'), 'json')
  equal(guessed('billing'), 'label')
  equal(guessed('very angry customer'), 'label')
  equal(guessed('42'), 'label')
  equal(guessed('Yes, it has.'), 'text')
  equal(guessed('Two\nlines'), 'text')
  equal(guessed('one two three four five six'), 'text')
  equal(guessed(''), 'text')
  equal(guessed('[see below]'), 'label')
})

test('a served answer that called a tool makes it a matter of tools', () => {
  const answer = anAnswer({ text: '', toolCalls: [aCall('find', {})], finish: 'tool_calls' })
  equal(taskOf(aSet({ served: { answer }, request: jsonRequest }).exchange).task, 'tools')
})

test('a request body that was not kept, is cut, or is no JSON leaves the guess to the answer', () => {
  const { exchange } = aSet({ served: { answer: anAnswer({ text: 'A sentence, then.' }) } })
  for (const body of [
    { data: null },
    { data: '{"response_format"', truncated: true },
    { data: 'no json' },
    { data: '"' },
  ]) {
    const request = { ...exchange.request, body: { ...exchange.request.body, ...body } }
    const { asked, ...facts } = taskOf({ ...exchange, request })
    deepEqual(facts, { task: 'text', jsonExpected: false, schema: null })
    deepEqual(asked?.given.texts ?? [], [])
  }
})

test('a body kept as base64 is read too', () => {
  const { exchange } = aSet()
  const data = Buffer.from(JSON.stringify(jsonRequest)).toString('base64')
  const request = { ...exchange.request, body: { ...exchange.request.body, encoding: 'base64' as const, data } }
  equal(taskOf({ ...exchange, request }).jsonExpected, true)
})
