import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer } from '../../../shared/contracts/answer.ts'
import { soundnessOf } from '../../../services/compare/soundness.ts'
import { aCall, anAnswer } from './builders.ts'

const sound = (answer: Partial<Answer>, jsonExpected = false): number => soundnessOf(anAnswer(answer), { jsonExpected })

test('a whole answer is sound by itself, whatever it says', () => {
  equal(sound({}), 1)
  equal(sound({ text: '{"a":1}' }, true), 1)
  equal(sound({ text: '', toolCalls: [aCall('find', { id: 7 }), aCall('now', '')] }), 1)
  equal(sound({ text: 'One moment.', toolCalls: [aCall('find', {})] }, true), 1)
})

test('a broken, refused, empty or cut answer is not', () => {
  equal(soundnessOf(null, { jsonExpected: false }), 0)
  equal(sound({ outcome: 'truncated_by_limit' }), 0)
  equal(sound({ outcome: 'refused', refusalText: 'No.' }), 0)
  equal(sound({ text: 'I’m sorry, but I can’t assist with that request.' }), 0)
  equal(sound({ complete: false }), 0)
  equal(sound({ text: ' \n' }), 0)
})

test('JSON that was asked for must be what JSON.parse takes', () => {
  equal(sound({ text: '{"a":1' }, true), 0)
  equal(sound({ text: '```json\n{"a":1}\n```' }, true), 0)
  equal(sound({ text: `${'['.repeat(10_000)}${']'.repeat(10_000)}` }, true), 1)
})

test('arguments of a tool call must be a JSON object', () => {
  for (const text of ['{"order":', '[1]', '7', 'null', '```\n{}\n```'])
    equal(sound({ toolCalls: [aCall('refund', text)] }), 0, text)
})
