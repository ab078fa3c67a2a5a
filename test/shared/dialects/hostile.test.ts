import { deepEqual, doesNotThrow, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Answer } from '../../../shared/contracts/answer.ts'
import { Dialect } from '../../../shared/contracts/exchange.ts'
import { type Json } from '../../../shared/dialects/dialect.ts'
import { readAnswer, readJsonAnswer, readRequest, translate } from '../../../shared/dialects/dialects.ts'
import { chat, chatBody, messages, messagesBody } from './asking.ts'

const dialects = Dialect.options
/** Every list a conversation, an answer or a batch may stand in. */
const conversations = ['messages', 'input', 'prompt']
const json = { status: 200, contentType: 'application/json' }
const stream = { status: 200, contentType: 'text/event-stream' }
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

/** Words of the wire in the wrong places, so that chance gets deep into the readers. */
const wireWords = [
  '',
  '\ud800',
  'data:;base64',
  'https://x.test',
  ...(
    'role content user assistant tool system type text tool_use tool_result image_url message_start delta index id ' +
    'content_block_start content_block_delta message_delta message choices tool_calls function name arguments input ' +
    'usage prompt_tokens error model stop_reason finish_reason messages tools tool_choice response_format thinking ' +
    'stop n __proto__ constructor toString output item output_index content_index response summary encrypted_content ' +
    'response.created response.output_item.added response.output_item.done response.output_text.delta response.completed ' +
    'response.function_call_arguments.delta function_call function_call_output call_id reasoning instructions include ' +
    'input_text output_text refusal phase status incomplete_details reason data embedding prompt store namespace'
  ).split(' '),
]
const anyWord = fc.constantFrom(...wireWords)
const { tree: anyJson } = fc.letrec<{ tree: Json; leaf: Json }>((tie) => ({
  leaf: fc.oneof(anyWord, fc.constantFrom(null, true, 0, -1, 1.5, 1e308, 7)),
  tree: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(anyWord, tie('tree'), { maxKeys: 5 }),
  ),
}))
const anyBody = fc.dictionary(anyWord, anyJson)

function translations(dialect: Dialect, body: string | null) {
  return dialects.map((to) => {
    const model = to === messages ? 'claude-opus-5-5' : 'gpt-5-mini'
    return translate(dialect, { body, headers: {} }, { dialect: to, model, system: 'S {{system}}', parameters: {} })
  })
}

test('an answer that is parsed already says what its bytes say', () => {
  fc.assert(
    fc.property(anyBody, fc.constantFrom(200, 500), fc.constantFrom(...dialects), (body, status, dialect) => {
      for (const contentType of ['application/json', 'text/event-stream', null]) {
        const fromBytes = readAnswer(dialect, { status, contentType }, Buffer.from(JSON.stringify(body)))
        const parsed = JSON.parse(JSON.stringify(body)) as typeof body
        deepEqual(readJsonAnswer(dialect, { status, contentType }, parsed), fromBytes)
      }
    }),
    { numRuns: 500 },
  )
})

test('no body, however odd, makes reading or translating throw', () => {
  fc.assert(
    fc.property(anyBody, anyJson, fc.constantFrom(...dialects), (parameters, conversation, dialect) => {
      const said = Object.fromEntries(conversations.map((name) => [name, conversation]))
      const text = JSON.stringify({ ...parameters, ...said })
      readRequest(dialect, JSON.parse(text))
      for (const translation of translations(dialect, text)) JSON.stringify(translation)
    }),
    { numRuns: 500 },
  )
})

test('no answer, however odd, makes reading throw, and every one is a valid record', () => {
  fc.assert(
    fc.property(fc.array(anyBody, { maxLength: 5 }), fc.constantFrom(...dialects), (events, dialect) => {
      const wire = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
      Answer.parse(readAnswer(dialect, stream, Buffer.from(wire)))
      Answer.parse(readAnswer(dialect, json, Buffer.from(JSON.stringify(events[0] ?? null))))
    }),
    { numRuns: 500 },
  )
})

test('no bytes make reading throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...dialects), (bytes, dialect) => {
      for (const head of [json, stream, { status: 500, contentType: null }]) {
        Answer.parse(readAnswer(dialect, head, bytes))
      }
    }),
  )
})

test('readRequest takes anything', () => {
  for (const value of [undefined, null, 1, 'x', [], [1], { messages: 'x' }, { tools: {} }, { system: [null] }]) {
    for (const dialect of dialects) doesNotThrow(() => readRequest(dialect, value))
  }
})

test('ten thousand levels are refused in a request and survived in an answer', () => {
  const deep = nested(10_000)
  for (const dialect of dialects) {
    const body = dialect === messages ? messagesBody() : chatBody()
    const text = JSON.stringify({ ...body, x: 0 }).replace('"x":0', `"x":${deep}`)
    for (const translation of translations(dialect, text)) {
      ok(!translation.ok && translation.reason === 'untranslatable')
    }
    readRequest(dialect, JSON.parse(text))
  }
  const block = `{"type":"tool_use","id":"a","name":"f","input":{"a":${deep}}}`
  const answer = readAnswer(messages, json, Buffer.from(`{"content":[${block}],"stop_reason":"tool_use"}`))
  equal(answer.toolCalls.length, 1)
  const args = JSON.stringify(`{"a":${deep}}`)
  const call = `{"id":"a","function":{"name":"f","arguments":${args}}}`
  const history = `{"messages":[{"role":"assistant","tool_calls":[${call}]},{"role":"tool","tool_call_id":"a"}]}`
  const translation = translations(chat, history)[dialects.indexOf(messages)]!
  ok(!translation.ok && translation.reason === 'untranslatable')
})

test('a body that is no JSON object is told so', () => {
  for (const body of [null, '', '[]', '"x"', '{"a":', '\ud800']) {
    for (const translation of translations(chat, body)) ok(!translation.ok && translation.reason === 'body_not_json')
  }
})

test('a key named __proto__ is a key like any other', () => {
  const text = '{"model":"gpt-4.1","messages":[],"__proto__":{"stream":true,"model":"evil"}}'
  const target = { dialect: chat, model: null, system: null, parameters: {} } as const
  const translation = translate(chat, { body: text, headers: {} }, target)
  ok(translation.ok)
  equal(JSON.stringify(translation.body), text)
  equal(readRequest(chat, JSON.parse('{"__proto__":{"stream":true,"model":"evil"}}')).model, null)
})

function lossesIn(text: string): string[] {
  const target = { dialect: chat, model: null, system: null, parameters: {} } as const
  const translation = translate(chat, { body: text, headers: {} }, target)
  ok(translation.ok)
  return translation.losses.map((loss) => loss.parameter)
}

test('a number that does not fit is a loss, in the body and in tool arguments', () => {
  deepEqual(lossesIn('{"messages":[],"seed":12345678901234567891}'), ['numbers'])
  deepEqual(lossesIn('{"messages":[],"seed":1e999}'), ['numbers'])
  deepEqual(lossesIn('{"messages":[],"seed":9007199254740991,"user":"12345678901234567891"}'), [])
  const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{"id":12345678901234567891}' } }
  const history = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', tool_calls: [call] },
    { role: 'tool', tool_call_id: 'a', content: 'x' },
  ]
  const carried = translations(chat, JSON.stringify(chatBody({ messages: history })))[dialects.indexOf(messages)]!
  ok(carried.ok && carried.losses.some((loss) => loss.parameter === 'messages.tool_calls.arguments'))
})

test('a long answer of many tiny pieces is read in time that grows with its length', () => {
  const calls = Array.from({ length: 60_000 }, (_, at) => ({ id: `c${at}`, function: { name: 'f', arguments: '' } }))
  const body = { choices: [{ message: { tool_calls: calls }, finish_reason: 'tool_calls' }] }
  const started = performance.now()
  equal(readAnswer(chat, json, Buffer.from(JSON.stringify(body))).toolCalls.length, 60_000)
  const deltas = `data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}\n\n`.repeat(
    60_000,
  )
  equal(readAnswer(messages, stream, Buffer.from(deltas)).text.length, 60_000)
  const pieces =
    `data: {"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"x"}\n\n`.repeat(60_000)
  equal(readAnswer('openai-responses', stream, Buffer.from(pieces)).text.length, 60_000)
  ok(performance.now() - started < 5_000)
})
