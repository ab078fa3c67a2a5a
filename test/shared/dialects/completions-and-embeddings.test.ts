import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readAnswer } from '../../../shared/dialects/dialects.ts'
import { readVectors } from '../../../shared/dialects/openai-embeddings/vectors.ts'

const json = { status: 200, contentType: 'application/json' }
const stream = { status: 200, contentType: 'text/event-stream' }
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
const choice = (text: string, finish_reason: string | null = null) => ({
  index: 0,
  text,
  logprobs: null,
  finish_reason,
})
const continued = (body: unknown) => readAnswer('openai-completions', json, Buffer.from(JSON.stringify(body)))

test('a completion is the same streamed or not', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.constantFrom('stop', 'length', 'content_filter'), (pieces, reason) => {
      const head = { id: 'cmpl_1', object: 'text_completion', model: 'gpt-3.5-turbo-instruct' }
      const events = [
        ...pieces.map((text) => ({ ...head, choices: [choice(text)] })),
        { ...head, choices: [choice('', reason)] },
        { ...head, choices: [], usage },
      ]
      const wire = `${events.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}data: [DONE]\n\n`
      const streamed = readAnswer('openai-completions', stream, Buffer.from(wire))
      deepEqual(streamed, continued({ ...head, choices: [choice(pieces.join(''), reason)], usage }))
    }),
  )
})

test('a completion says its text, its end and its usage', () => {
  const answer = continued({ model: 'm', choices: [choice(' blue.', 'stop')], usage })
  deepEqual([answer.text, answer.finish, answer.outcome], [' blue.', 'stop', 'ok'])
  deepEqual([answer.usage.inputTokens, answer.usage.outputTokens, answer.anomalies], [3, 2, []])
  equal(continued({ choices: [choice('x', 'length')] }).outcome, 'truncated_by_limit')
})

const embedded = (data: unknown, more: object = { usage: { prompt_tokens: 5, total_tokens: 5 } }) =>
  readAnswer('openai-embeddings', json, Buffer.from(JSON.stringify({ object: 'list', model: 'e', data, ...more })))

test('an answer of vectors is whole without a word', () => {
  for (const embedding of [[0.5, -1], Buffer.from(Float32Array.of(0.5, -1).buffer).toString('base64')]) {
    const answer = embedded([{ object: 'embedding', index: 0, embedding }])
    deepEqual([answer.outcome, answer.complete, answer.text, answer.anomalies], ['ok', true, '', []])
    deepEqual([answer.model, answer.usage.inputTokens, answer.usage.outputTokens], ['e', 5, 0])
  }
  equal(embedded([{ embedding: [1] }], {}).usage.inputTokens, null)
})

test('vectors are the same numbers as floats and in base64', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (numbers) => {
      const vector = Float32Array.from(numbers)
      const packed = Buffer.from(vector.buffer).toString('base64')
      const data = [{ embedding: packed }, { embedding: JSON.parse(JSON.stringify([...vector])) }]
      const [fromText, fromNumbers] = readVectors({ data })
      deepEqual(Array.from(fromText!), Array.from(vector))
      // JSON text cannot hold the difference between 0 and -0.
      deepEqual(
        Array.from(fromNumbers!, (each) => each + 0),
        Array.from(vector, (each) => each + 0),
      )
    }),
  )
})

test('what is no vector is an error, not an empty one', () => {
  const [nan] = [Buffer.from(Float32Array.of(NaN).buffer).toString('base64')]
  for (const embedding of [null, '', 'AAA=', 'not base64!', [], [1, 'x'], {}, nan]) {
    const answer = embedded([{ embedding: [1] }, { embedding }])
    deepEqual([answer.outcome, answer.anomalies], ['error', ['malformed_vector']], JSON.stringify(embedding))
  }
  for (const data of [[], null, 'x']) deepEqual(embedded(data).anomalies, ['no_vectors'])
  const refused = readAnswer(
    'openai-embeddings',
    { status: 400, contentType: 'application/json' },
    Buffer.from('{"error":{"message":"too long","type":"invalid_request_error","code":null}}'),
  )
  deepEqual(refused.error, { type: 'invalid_request_error', code: null, message: 'too long' })
  const streamed = readAnswer('openai-embeddings', stream, Buffer.from('data: {}\n\n'))
  deepEqual([streamed.outcome, streamed.anomalies], ['incomplete_stream', ['unexpected_stream']])
})
