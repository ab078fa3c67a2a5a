import { deepEqual, equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { readRecorded, readRecordedRequest } from '../../../services/compare/recorded.ts'
import { type Json } from '../../../shared/dialects/dialect.ts'

function textOf(value: Json): string | null {
  const read = readRecorded(value)
  return read.ok ? read.answer.text : null
}

const chat = { object: 'chat.completion', choices: [{ index: 0, message: { content: 'Hi.' }, finish_reason: 'stop' }] }
const message = {
  type: 'message',
  role: 'assistant',
  content: [{ type: 'text', text: 'Hi.' }],
  stop_reason: 'end_turn',
}
const response = {
  object: 'response',
  status: 'completed',
  output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi.' }] }],
}
const completion = { object: 'text_completion', choices: [{ text: 'Hi.', finish_reason: 'stop' }] }
const stream = 'data: {"choices":[{"index":0,"delta":{"content":"Hi."},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'

test('an answer is read in every form in which people have it', () => {
  for (const value of ['Hi.', { text: 'Hi.' }, chat, message, response, completion, stream, JSON.stringify(chat)]) {
    equal(textOf(value), 'Hi.', JSON.stringify(value))
  }
  equal(textOf({ status: 200, body: chat }), 'Hi.')
  equal(textOf({ status: 200, body: stream }), 'Hi.')
})

test('JSON that a model gave as its text stays text', () => {
  equal(textOf('{"total": 3}'), '{"total": 3}')
  equal(textOf('data protection matters'), 'data protection matters')
})

test('an error body is an error, whatever status stands beside it', () => {
  for (const value of [{ error: { type: 'overloaded', message: 'busy' } }, { status: 503, body: 'no upstream' }]) {
    const read = readRecorded(value)
    equal(read.ok && read.answer.outcome, 'error')
  }
})

test('what is no answer is told with its reason', () => {
  for (const [value, reason] of [
    [undefined, /missing/],
    [7, /neither/],
    [[], /neither/],
    [{ words: 'x' }, /none of/],
    [{ text: 7 }, /text/],
    [{ body: 7 }, /body/],
  ] as [Json | undefined, RegExp][]) {
    const read = readRecorded(value)
    match(read.ok ? '' : read.reason, reason)
  }
})

test('the dialect of a request is told by its shape', () => {
  const schema = { type: 'object' }
  for (const body of [
    { messages: [], response_format: { type: 'json_schema', json_schema: { schema } } },
    { input: 'x', text: { format: { type: 'json_schema', schema } } },
    { messages: [], output_config: { format: { type: 'json_schema', schema } } },
  ]) {
    deepEqual(readRecordedRequest(body)?.schema, schema, JSON.stringify(body))
    deepEqual(readRecordedRequest({ body })?.schema, schema)
  }
  equal(readRecordedRequest('x'), null)
})
