import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { ask, carried, chat, lossesOf, messages, messagesBody } from './asking.ts'

const gpt = { dialect: chat, model: 'gpt-4.1' } as const
const toGpt = (more: JsonObject) => carried(messages, messagesBody(more), gpt)
const turn = (role: string, content: Json): JsonObject => ({ role, content })
const text = (words: string, more: JsonObject = {}): JsonObject => ({ type: 'text', text: words, ...more })
const use = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Ulm' } }
const tools = [{ name: 'weather', input_schema: { type: 'object' } }]
const cache_control = { type: 'ephemeral' }

test('a plain question is carried without a loss, and its usage is asked for', () => {
  const { body, headers, losses } = toGpt({ system: 'S', temperature: 0, stop_sequences: ['a'], stream: true })
  deepEqual(body, {
    model: 'gpt-4.1',
    messages: [turn('system', 'S'), turn('user', 'Hi')],
    max_tokens: 64,
    temperature: 0,
    stop: ['a'],
    stream: true,
    stream_options: { include_usage: true },
  })
  deepEqual(headers, {})
  deepEqual(losses, [])
})

test('system blocks become one message, and their cache marks are dropped', () => {
  const translation = toGpt({ system: [text('A', { cache_control }), text('B')] })
  deepEqual((translation.body['messages'] as JsonObject[])[0], turn('system', 'A\n\nB'))
  deepEqual(lossesOf(translation), ['cache_control dropped minor', 'system renamed minor'])
})

test('tool results come before the words of their turn, and failures and images are kept', () => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJD' } }
  const translation = toGpt({
    tools,
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
    messages: [
      turn('user', 'Hi'),
      turn('assistant', [text('Wait'), use]),
      turn('user', [
        { type: 'tool_result', tool_use_id: 'toolu_1', is_error: true, content: [text('storm'), image] },
        text('So?'),
      ]),
    ],
  })
  deepEqual((translation.body['messages'] as Json[]).slice(1), [
    {
      role: 'assistant',
      content: 'Wait',
      tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Ulm"}' } }],
    },
    { role: 'tool', tool_call_id: 'toolu_1', content: [text('The tool failed:'), text('storm')] },
    turn('user', [{ type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } }, text('So?')]),
  ])
  equal(translation.body['tool_choice'], 'required')
  equal(translation.body['parallel_tool_calls'], false)
  deepEqual(lossesOf(translation), [
    'messages.tool_result.image emulated minor',
    'messages.tool_result.is_error emulated minor',
  ])
})

test('thoughts are never sent on: a loss that matters within an open tool loop only', () => {
  const thought = { type: 'thinking', thinking: 'Hm', signature: 's' }
  const loop = [
    turn('user', 'Hi'),
    turn('assistant', [thought, use]),
    turn('user', [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sun' }]),
  ]
  const open = toGpt({ tools, messages: loop })
  ok(!JSON.stringify(open.body).includes('Hm'))
  deepEqual(lossesOf(open), ['messages.thinking dropped material'])
  const closed = toGpt({ tools, messages: [...loop, turn('assistant', 'Sun'), turn('user', 'Thanks')] })
  deepEqual(lossesOf(closed), ['messages.thinking dropped minor'])
})

test('a reasoning target renames the limit, makes room and loses the sampling', () => {
  const body = messagesBody({ temperature: 0.3, top_p: 0.9, top_k: 5, stop_sequences: ['a', 'b', 'c', 'd', 'e'] })
  const translation = carried(messages, body, { dialect: chat, model: 'openai/gpt-5-mini-2025-08-07' })
  equal(translation.body['max_completion_tokens'], 64 + 16_384)
  for (const gone of ['max_tokens', 'temperature', 'top_p', 'top_k', 'stop']) {
    ok(!Object.hasOwn(translation.body, gone), gone)
  }
  deepEqual(lossesOf(translation), [
    'max_tokens emulated minor',
    'max_tokens renamed minor',
    'stop_sequences clamped material',
    'stop_sequences dropped material',
    'temperature dropped material',
    'top_k dropped material',
    'top_p dropped material',
  ])
})

const effortOf = (more: JsonObject) =>
  carried(messages, messagesBody(more), { dialect: chat, model: 'gpt-5' }).body['reasoning_effort']

test('effort and thinking become a reasoning effort', () => {
  equal(effortOf({ output_config: { effort: 'max' } }), 'high')
  equal(effortOf({ thinking: { type: 'enabled', budget_tokens: 10_000 } }), 'medium')
  equal(effortOf({ thinking: { type: 'disabled' } }), 'minimal')
  equal(effortOf({ thinking: { type: 'adaptive' } }), undefined)
  const plain = toGpt({ thinking: { type: 'enabled', budget_tokens: 10_000 } })
  ok(!Object.hasOwn(plain.body, 'reasoning_effort'))
  deepEqual(lossesOf(plain), ['thinking dropped minor', 'thinking emulated minor'])
})

test('a schema is strict where it can be', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }
  const format = (more: JsonObject) => ({
    output_config: { format: { type: 'json_schema', schema: { ...schema, ...more } } },
  })
  const strict = toGpt(format({ required: ['a'] }))
  equal(((strict.body['response_format'] as JsonObject)['json_schema'] as JsonObject)['strict'], true)
  deepEqual(strict.losses, [])
  deepEqual(lossesOf(toGpt(format({}))), ['output_config.format emulated minor'])
})

test('what has no counterpart is reported, each with what it means', () => {
  const translation = toGpt({
    metadata: { user_id: 'u' },
    service_tier: 'auto',
    speed: 'fast',
    inference_geo: 'eu',
    context_management: { edits: [] },
    output_config: { task_budget: 3 },
    tools: [{ ...tools[0], cache_control, strict: true, input_examples: [{ city: 'Ulm' }], defer_loading: false }],
    messages: [turn('user', 'Hi'), turn('assistant', 'The answer:')],
  })
  deepEqual(lossesOf(translation), [
    'cache_control dropped minor',
    'context_management dropped material',
    'inference_geo dropped minor',
    'messages.prefill dropped material',
    'metadata dropped minor',
    'output_config.task_budget dropped material',
    'speed dropped minor',
    'tools.input_examples dropped material',
    'tools.strict dropped minor',
  ])
})

test('calls that act or cannot be said elsewhere are not made', () => {
  const file = { type: 'document', source: { type: 'file', file_id: 'f' } }
  const refusals: [JsonObject, string][] = [
    [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'not_replayable'],
    [{ mcp_servers: [{ url: 'https://x.test' }] }, 'not_replayable'],
    [{ container: 'c' }, 'not_replayable'],
    [{ max_tokens: 0 }, 'not_replayable'],
    [{ messages: [turn('user', [file])] }, 'not_replayable'],
    [{ messages: [turn('user', [{ type: 'tool_result', tool_use_id: 'a', content: [file] }])] }, 'not_replayable'],
    [{ tools: [{ type: 'bash_20250124', name: 'bash' }] }, 'untranslatable'],
    [{ messages: [turn('user', [{ type: 'search_result', source: 'x' }])] }, 'untranslatable'],
    [{ messages: {} }, 'untranslatable'],
  ]
  for (const [more, reason] of refusals) {
    const translation = ask(messages, messagesBody(more), gpt)
    equal(translation.ok ? 'ok' : translation.reason, reason, JSON.stringify(more))
  }
})
