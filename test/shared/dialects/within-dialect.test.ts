import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { translate } from '../../../shared/dialects/dialects.ts'
import { carried, chat, chatBody, lossesOf, messages, messagesBody, weatherTool } from './asking.ts'

const anyParameters = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), {
  maxKeys: 6,
}) as fc.Arbitrary<JsonObject>
/** What may stop a replay, or is changed for it by promise. */
const special = new Set(['stream', 'store', 'messages', 'tools', 'web_search_options', 'mcp_servers', 'container'])

test('the control is asked exactly what was asked, whatever the body says', () => {
  fc.assert(
    fc.property(fc.constantFrom(chat, messages), anyParameters, (dialect, parameters) => {
      const kept = Object.fromEntries(Object.entries(parameters).filter(([name]) => !special.has(name)))
      const text = JSON.stringify({ ...chatBody(), ...kept })
      const target = { dialect, model: null, system: null, parameters: {} }
      const translation = translate(dialect, { body: text, headers: {} }, target)
      ok(translation.ok)
      equal(JSON.stringify(translation.body), text)
      deepEqual(translation.losses, [])
    }),
  )
})

test('a streamed replay asks for its usage and is never stored', () => {
  const streamed = carried(
    chat,
    chatBody({ stream: true, store: true, stream_options: { include_obfuscation: false } }),
  )
  deepEqual(streamed.body['stream_options'], { include_obfuscation: false, include_usage: true })
  equal(streamed.body['store'], false)
  deepEqual(lossesOf(streamed), ['store dropped minor'])
  ok(!Object.hasOwn(carried(messages, messagesBody({ stream: true })).body, 'stream_options'))
})

test('the headers that change meaning go along, and no others', () => {
  const headers = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'a,b', 'x-other': 'c' }
  deepEqual(carried(messages, messagesBody(), { headers }).headers, {
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'a,b',
  })
  deepEqual(carried(chat, chatBody(), { headers }).headers, {})
  deepEqual(carried(messages, messagesBody({ temperature: 0 })).headers, { 'anthropic-version': '2023-06-01' })
})

test('gpt-4.1 to gpt-5-mini: the limit is renamed with room to reason, sampling and stop go', () => {
  const body = chatBody({ temperature: 0, top_p: 1, stop: 'x', presence_penalty: 0, seed: 1, user: 'u' })
  const moved = carried(chat, body, { model: 'gpt-5-mini' })
  deepEqual(moved.body, {
    model: 'gpt-5-mini',
    messages: body['messages'],
    seed: 1,
    user: 'u',
    max_completion_tokens: 64 + 16_384,
  })
  deepEqual(lossesOf(moved), [
    'max_tokens emulated minor',
    'max_tokens renamed minor',
    'presence_penalty dropped minor',
    'stop dropped material',
    'temperature dropped material',
    'top_p dropped minor',
  ])
})

test('a model that reasons on demand keeps its sampling until it is told to reason', () => {
  const idle = carried(chat, chatBody({ temperature: 0 }), { model: 'gpt-5.4' })
  equal(idle.body['temperature'], 0)
  equal(idle.body['max_completion_tokens'], 64)
  const awake = carried(chat, chatBody({ temperature: 0, reasoning_effort: 'high' }), { model: 'gpt-5.4' })
  ok(!Object.hasOwn(awake.body, 'temperature'))
})

test('a plain model takes no reasoning effort, and an unknown one is left alone otherwise', () => {
  const body = chatBody({ model: 'o3', max_tokens: null, max_completion_tokens: 90_000, reasoning_effort: 'low' })
  const plain = carried(chat, body, { model: 'gpt-4o' })
  equal(plain.body['max_completion_tokens'], 16_384)
  deepEqual(lossesOf(plain), ['max_completion_tokens clamped minor', 'reasoning_effort dropped minor'])
  const own = carried(chat, chatBody({ temperature: 0, stop: ['a'], top_k: 3 }), { model: 'our-llama-70b' })
  deepEqual(own.body, { ...chatBody({ temperature: 0, stop: ['a'], top_k: 3 }), model: 'our-llama-70b' })
  deepEqual(own.losses, [])
})

test('claude-opus-4-5 to claude-opus-5-5: what would be refused is left out and named', () => {
  const body = messagesBody({
    model: 'claude-opus-4-5',
    max_tokens: 9_000,
    temperature: 0.5,
    top_p: 0.9,
    thinking: { type: 'enabled', budget_tokens: 2_000 },
    tools: [{ name: 'a', input_schema: { type: 'object' } }],
    tool_choice: { type: 'tool', name: 'a' },
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm', signature: 's' }] },
      { role: 'user', content: 'And?' },
      { role: 'assistant', content: 'So' },
    ],
  })
  const moved = carried(messages, body, { model: 'claude-opus-5-5', headers: { 'anthropic-version': '2023-06-01' } })
  deepEqual(moved.body, {
    model: 'claude-opus-5-5',
    max_tokens: 9_000,
    thinking: { type: 'adaptive' },
    tools: body['tools'],
    tool_choice: { type: 'auto' },
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'user', content: 'And?' },
    ],
  })
  deepEqual(moved.headers, { 'anthropic-version': '2023-06-01' })
  deepEqual(lossesOf(moved), [
    'messages.prefill dropped material',
    'messages.thinking dropped minor',
    'temperature dropped material',
    'thinking emulated minor',
    'tool_choice dropped material',
    'top_p dropped material',
  ])
})

const thinkingOf = (type: string, model: string, max_tokens = 9_000) =>
  carried(messages, messagesBody({ max_tokens, thinking: { type } }), { model }).body['thinking']

test('each way to think becomes one the model knows', () => {
  deepEqual(thinkingOf('adaptive', 'claude-sonnet-4-5'), { type: 'enabled', budget_tokens: 4_500 })
  equal(thinkingOf('adaptive', 'claude-sonnet-4-5', 1_500), undefined)
  equal(thinkingOf('disabled', 'claude-fable-5-2'), undefined)
  deepEqual(thinkingOf('disabled', 'claude-sonnet-5'), { type: 'disabled' })
  deepEqual(thinkingOf('between_tools', 'claude-sonnet-5-5'), { type: 'between_tools' })
  deepEqual(thinkingOf('between_tools', 'claude-opus-5'), { type: 'adaptive' })
})

const thoughtful = (words: string, thought = 'Hm', model = 'claude-opus-4-8') =>
  messagesBody({
    model,
    messages: [
      { role: 'user', content: words },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: thought, signature: 's' },
          { type: 'text', text: 'A' },
        ],
      },
      { role: 'user', content: 'And?' },
    ],
  })

const keeps = (recorded: JsonObject, system: string | null = null) =>
  JSON.stringify(carried(messages, recorded, { system }).body).includes('"thinking"')

test('thoughts stay with their own model unless redaction or another prompt broke them', () => {
  ok(keeps(thoughtful('Hi')))
  ok(keeps(thoughtful('I am [EMAIL_1]')))
  ok(!keeps(thoughtful('Hi', 'It is [EMAIL_1]')))
  ok(keeps(thoughtful('Hi'), 'Be brief'))
  ok(keeps(thoughtful('Hi', 'Hm', 'claude-fable-5-1')))
  ok(!keeps(thoughtful('I am [EMAIL_1]', 'Hm', 'claude-fable-5-1')))
  ok(!keeps(thoughtful('Hi', 'Hm', 'claude-fable-5-1'), 'Be brief'))
})

test('another system prompt may hold the recorded one', () => {
  const system = 'Be brief. $& {{system}}'
  const messagesOf = (turns: Json[]) => carried(chat, chatBody({ messages: turns }), { system }).body['messages']
  const user = { role: 'user', content: 'Hi' }
  deepEqual(
    messagesOf([{ role: 'developer', content: [{ type: 'text', text: 'A' }] }, { role: 'system', content: 'B' }, user]),
    [{ role: 'developer', content: 'Be brief. $& A\n\nB' }, user],
  )
  deepEqual(messagesOf([user]), [{ role: 'system', content: 'Be brief. $& ' }, user])
  equal(carried(messages, messagesBody({ system: 'A' }), { system }).body['system'], 'Be brief. $& A')
  ok(!Object.hasOwn(carried(messages, messagesBody({ system: 'A' }), { system: '' }).body, 'system'))
  equal(carried(chat, chatBody(), { dialect: messages, model: 'claude-opus-5', system: 'X' }).body['system'], 'X')
})

test("the operator's parameters have the last word, and what they settle is no loss", () => {
  const body = chatBody({ temperature: 0, tools: [weatherTool], response_format: { type: 'json_object' } })
  const parameters = { temperature: null, max_completion_tokens: 900, response_format: { type: 'text' }, top_p: 0.5 }
  const moved = carried(chat, body, { model: 'gpt-5-mini', parameters })
  deepEqual(moved.losses, [])
  deepEqual(moved.body, {
    model: 'gpt-5-mini',
    messages: body['messages'],
    tools: [weatherTool],
    max_completion_tokens: 900,
    response_format: { type: 'text' },
    top_p: 0.5,
  })
  const nested = carried(messages, messagesBody({ output_config: { effort: 'low', format: { type: 'x' } } }), {
    parameters: { output_config: { effort: 'high' } },
  })
  deepEqual(nested.body['output_config'], { format: { type: 'x' }, effort: 'high' })
})
