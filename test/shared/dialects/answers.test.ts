import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { createAccumulator, dialectOf, readAnswer, readRequest } from '../../../shared/dialects/dialects.ts'
import { Dialect } from '../../../shared/contracts/exchange.ts'
import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { chat, messages } from './asking.ts'

const sse = (...events: (JsonObject | string)[]) =>
  Buffer.from(events.map((each) => `data: ${typeof each === 'string' ? each : JSON.stringify(each)}\n\n`).join(''))
const readStream = (bytes: Uint8Array, contentType: string | null = 'text/event-stream') =>
  readAnswer(chat, { status: 200, contentType }, bytes)
const readJson = (body: unknown, status = 200, dialect: typeof chat | typeof messages = chat) =>
  readAnswer(dialect, { status, contentType: 'application/json' }, Buffer.from(JSON.stringify(body)))
const delta = (said: JsonObject, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: said, finish_reason }],
})
const call = (more: JsonObject) => delta({ tool_calls: [more] })

const said = (message: JsonObject, finish_reason = 'stop') =>
  readJson({ choices: [{ index: 0, message, finish_reason }] })
const choice = (index: number) => ({ index, message: { content: String(index) }, finish_reason: 'stop' })

test('the path tells the dialect', () => {
  equal(dialectOf('openai', 'POST', '/v1/chat/completions?x=1'), chat)
  equal(dialectOf('openai', 'post', '/openai/deployments/a/chat/completions/?api-version=2'), chat)
  equal(dialectOf('openai', 'GET', '/v1/chat/completions'), null)
  equal(dialectOf('openai', 'POST', '/v1/threads/t/messages'), null)
  equal(dialectOf('openai', 'POST', '/v1/responses'), 'openai-responses')
  equal(dialectOf('openai', 'POST', '/openai/v1/responses?api-version=preview'), 'openai-responses')
  equal(dialectOf('openai', 'POST', '/openai/deployments/a/embeddings?api-version=2'), 'openai-embeddings')
  equal(dialectOf('openai', 'POST', '/v1beta/openai/chat/completions'), chat)
  equal(dialectOf('openai', 'POST', '/v1/completions'), 'openai-completions')
  equal(dialectOf('openai', 'POST', '/engines/our-model/completions'), 'openai-completions')
  for (const path of ['/responses/resp_1/cancel', '/responses/input_tokens', '/responses/compact', '/moderations']) {
    equal(dialectOf('openai', 'POST', `/v1${path}`), null)
  }
  equal(dialectOf('openai', 'GET', '/v1/responses/resp_1'), null)
  equal(dialectOf('anthropic', 'POST', '/v1/complete'), null)
  equal(dialectOf('anthropic', 'POST', '/v1/messages?beta=true'), messages)
  equal(dialectOf('anthropic', 'POST', '/v1/messages/count_tokens'), null)
  equal(dialectOf('anthropic', 'POST', '/v1/messages/batches'), null)
})

test('events are counted in the piece that ends them', () => {
  const accumulator = createAccumulator(chat, { status: 200, contentType: 'text/event-stream' })
  const bytes = sse(delta({ content: 'a' }), delta({ content: 'b' }, 'stop'), '[DONE]')
  equal(accumulator.push(Buffer.from('\n')), 0)
  equal(accumulator.push(bytes.subarray(0, 10)), 0)
  equal(accumulator.push(bytes.subarray(10)), 3)
  const answer = accumulator.end()
  deepEqual([answer.text, answer.outcome, answer.complete], ['ab', 'ok', true])
  equal(accumulator.push(bytes), 0)
  deepEqual(accumulator.end(), answer)
})

test('the first byte tells a stream from a body, whatever the label says', () => {
  const bytes = sse(delta({ content: 'a' }, 'stop'), '[DONE]')
  for (const label of ['application/json', null, 'text/plain']) equal(readStream(bytes, label).text, 'a')
  deepEqual(readStream(bytes, 'application/json').anomalies, ['content_type_mismatch'])
  const error = Buffer.from('{"error":{"message":"no","type":"overloaded_error","code":529}}')
  const answer = readAnswer(messages, { status: 529, contentType: 'text/event-stream' }, error)
  deepEqual([answer.outcome, answer.error?.type], ['error', 'overloaded_error'])
  deepEqual(answer.anomalies, ['content_type_mismatch'])
})

test('an error is told from whatever shape it comes in', () => {
  deepEqual(readJson({ error: { message: 'm', type: 't', code: 429 } }, 429).error, {
    type: 't',
    code: '429',
    message: 'm',
  })
  deepEqual(readJson({ error: 'no such model' }, 404).error, { type: null, code: null, message: 'no such model' })
  deepEqual(readJson({ object: 'error', message: 'm', type: 't', code: 404 }, 404).error, {
    type: 't',
    code: '404',
    message: 'm',
  })
  const detailed = { type: 'error', error: { type: 't', message: 'm', details: { error_code: 'c' } } }
  deepEqual(readJson(detailed, 400, messages).error, { type: 't', code: 'c', message: 'm' })
  const page = readAnswer(chat, { status: 502, contentType: 'text/html' }, Buffer.from('<html>'))
  deepEqual([page.outcome, page.complete, page.anomalies], ['error', false, ['body_not_json']])
  equal(readJson({ choices: [] }).outcome, 'error')
  equal(readJson({ content: [], stop_reason: 'end_turn' }, 200, messages).outcome, 'ok')
  equal(readJson({ hello: 1 }, 200, messages).outcome, 'error')
})

test('a stream that ends without its end is incomplete, however much was said', () => {
  const answer = readStream(sse(delta({ content: 'a' }, 'stop')))
  deepEqual([answer.outcome, answer.complete, answer.text], ['incomplete_stream', false, 'a'])
  equal(readStream(Buffer.alloc(0)).outcome, 'incomplete_stream')
  equal(readStream(sse('[DONE]')).outcome, 'error')
})

test('calls that share an index, or have none, are told apart by their ids', () => {
  const shared = sse(
    call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
    call({ index: 0, id: 'a', function: { name: 'f', arguments: ':1}' } }),
    call({ index: 0, id: 'b', function: { name: 'g', arguments: '{}' } }),
    call({ id: 'c', function: { name: 'h', arguments: '[' } }),
    call({ function: { arguments: ']' } }),
    delta({}, 'tool_calls'),
    '[DONE]',
  )
  const answer = readStream(shared)
  deepEqual(answer.toolCalls, [
    { id: 'a', name: 'f', argumentsText: '{"x":1}' },
    { id: 'b', name: 'g', argumentsText: '{}' },
    { id: 'c', name: 'h', argumentsText: '[]' },
  ])
  deepEqual(answer.anomalies, ['tool_index_reused'])
})

test('calls without ids under one index are told apart where the first is whole', () => {
  const named = (name: string, args: string) => call({ index: 0, id: '', function: { name, arguments: args } })
  const read = (...calls: JsonObject[]) => readStream(sse(...calls, delta({}, 'tool_calls'), '[DONE]')).toolCalls
  const told = (name: string, argumentsText: string) => ({ id: null, name, argumentsText })
  deepEqual(read(named('f', '{"x":1}'), named('f', '{"x":2}')), [told('f', '{"x":1}'), told('f', '{"x":2}')])
  deepEqual(read(named('f', '{"x":'), named('f', '{"y":2}'), named('f', '}')), [told('f', '{"x":{"y":2}}')])
  deepEqual(read(named('f', '{}'), named('f', ' ')), [told('f', '{} ')])
})

test('a refusal is one, in a field, in a part and by its finish reason', () => {
  const inField = said({ content: null, refusal: 'No.' })
  deepEqual([inField.outcome, inField.refusalText, inField.finish], ['refused', 'No.', 'stop'])
  equal(said({ content: [{ type: 'refusal', refusal: 'No.' }] }).refusalText, 'No.')
  equal(said({ content: '' }, 'content_filter').outcome, 'refused')
})

test('streamed or not, the same answer is the same object', () => {
  const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }
  const head = { model: 'm', service_tier: 'flex', usage }
  const tool_calls = [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }]
  const whole = readJson({
    ...head,
    choices: [{ index: 0, message: { content: 'Hi', tool_calls }, finish_reason: 'tool_calls' }],
  })
  const streamed = readStream(
    sse(
      { ...head, ...delta({ content: 'H' }) },
      delta({ content: 'i', tool_calls }),
      delta({}, 'tool_calls'),
      '[DONE]',
    ),
  )
  deepEqual(streamed, whole)
})

test('an unknown word is kept, noted and given no meaning', () => {
  const answer = readJson({ choices: [{ index: 0, message: { content: 'a' }, finish_reason: 'so be it' }] })
  deepEqual(
    [answer.nativeFinish, answer.finish, answer.anomalies],
    ['so be it', null, ['unknown_finish_reason:so_be_it']],
  )
})

test('only the first of several choices is the answer', () => {
  const answer = readJson({ choices: [choice(1), choice(0)] })
  deepEqual([answer.text, answer.anomalies], ['0', ['several_choices']])
})

test('what a request asks for is told alike in every dialect of conversations', () => {
  const schema = { type: 'object' }
  const asked = {
    model: 'm',
    streamed: true,
    jsonExpected: true,
    schema,
    toolNames: ['f'],
    userKey: 'u',
    opening: 'S\n\u0000\nHi',
  }
  const turns = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Yes?' },
  ]
  const asChat = {
    model: 'm',
    stream: true,
    user: 'u',
    response_format: { type: 'json_schema', json_schema: { schema } },
    tools: [{ type: 'function', function: { name: 'f' } }],
    messages: [{ role: 'developer', content: [{ type: 'text', text: 'S' }] }, ...turns],
  }
  deepEqual(readRequest(chat, asChat), asked)
  const asMessages = {
    model: 'm',
    stream: true,
    metadata: { user_id: 'u' },
    output_config: { format: { type: 'json_schema', schema } },
    tools: [{ name: 'f' }],
    system: 'S',
    messages: turns,
  }
  deepEqual(readRequest(messages, asMessages), asked)
  const asResponses = {
    model: 'm',
    stream: true,
    safety_identifier: 'u',
    text: { format: { type: 'json_schema', name: 'x', schema } },
    tools: [{ type: 'function', name: 'f' }],
    instructions: 'S',
    input: turns,
  }
  deepEqual(readRequest('openai-responses', asResponses), asked)
  const { instructions: _, ...inInput } = asResponses
  const said = [{ role: 'developer', content: [{ type: 'input_text', text: 'S' }] }, ...turns]
  deepEqual(readRequest('openai-responses', { ...inInput, input: said }), asked)
  equal(readRequest('openai-responses', { input: 'Hi' }).opening, readRequest(chat, { messages: turns }).opening)
  const later = {
    ...asChat,
    messages: [...asChat.messages, { role: 'system', content: 'T' }, { role: 'user', content: 'Go' }],
  }
  equal(readRequest(chat, later).opening, asked.opening)
})

test('what is embedded or continued tells one call from another', () => {
  for (const [dialect, name] of [
    ['openai-embeddings', 'input'],
    ['openai-completions', 'prompt'],
  ] as const) {
    const opening = (value: unknown) => readRequest(dialect, { model: 'm', [name]: value }).opening
    equal(opening('Hi'), '\n\u0000\nHi')
    const told = ['Hi', ['Hi'], ['Hi', 'Go'], [[1, 2]], [1, 2]].map(opening)
    equal(new Set(told).size, told.length)
    equal(opening(null), '')
    deepEqual(readRequest(dialect, { model: 'm', user: 'u' }), {
      model: 'm',
      streamed: false,
      jsonExpected: false,
      schema: null,
      toolNames: [],
      userKey: 'u',
      opening: '',
    })
  }
})

test('a request that says nothing has no opening, so that it is a conversation of its own', () => {
  for (const dialect of Dialect.options) equal(readRequest(dialect, null).opening, '')
})
