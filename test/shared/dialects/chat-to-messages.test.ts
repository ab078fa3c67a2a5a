import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { ask, chat, chatBody, lossesOf, messages, carried, weatherCall, weatherTool } from './asking.ts'

const haiku = { dialect: messages, model: 'claude-haiku-4-5' } as const
const toHaiku = (more: JsonObject) => carried(chat, chatBody(more), haiku)
const turn = (role: string, content: Json, more: JsonObject = {}): JsonObject => ({ role, content, ...more })
const result = (id: string, content: Json = 'sun') => turn('tool', content, { tool_call_id: id })

test('a plain question is carried without a loss that matters', () => {
  const { body, headers, losses } = toHaiku({ temperature: 0, top_p: 1, stop: 'END', stream: true, n: 1, seed: null })
  deepEqual(body, {
    model: 'claude-haiku-4-5',
    max_tokens: 64,
    messages: [{ role: 'user', content: 'Hi' }],
    temperature: 0,
    stop_sequences: ['END'],
    stream: true,
  })
  deepEqual(headers, { 'anthropic-version': '2023-06-01' })
  deepEqual(losses, [
    {
      parameter: 'top_p',
      kind: 'dropped',
      severity: 'minor',
      detail: 'not accepted by the model, and the value is the one it uses anyway',
    },
  ])
})

test('the newest API version is chosen where nothing is lost by it', () => {
  deepEqual(toHaiku({}).headers, { 'anthropic-version': '2026-10-21' })
  const opus = carried(chat, chatBody({ temperature: 0.2 }), { dialect: messages, model: 'claude-opus-5-5' })
  deepEqual(opus.headers, { 'anthropic-version': '2026-10-21' })
  ok(lossesOf(opus).includes('temperature dropped material'))
  ok(!Object.hasOwn(opus.body, 'temperature'))
})

test('leading system and developer messages become the system prompt', () => {
  const { body, losses } = toHaiku({ messages: [turn('system', 'A'), turn('developer', 'B'), turn('user', 'Hi')] })
  deepEqual(body['system'], [
    { type: 'text', text: 'A' },
    { type: 'text', text: 'B' },
  ])
  deepEqual(losses, [])
})

test('a later system message stays where the model takes it, and moves with a loss where not', () => {
  const later = { messages: [turn('system', 'A'), turn('user', 'Hi'), turn('system', 'B'), turn('user', 'Go')] }
  const moved = toHaiku(later)
  deepEqual(moved.body['system'], [
    { type: 'text', text: 'A' },
    { type: 'text', text: 'B' },
  ])
  deepEqual(lossesOf(moved), ['messages.system emulated material'])
  const kept = carried(chat, chatBody(later), { dialect: messages, model: 'claude-opus-4-8' })
  deepEqual((kept.body['messages'] as JsonObject[])[1], { role: 'system', content: 'B' })
  deepEqual(lossesOf(kept), [])
})

test('results of parallel tools stand first in one user message, under ids the provider takes', () => {
  const { body, ...rest } = toHaiku({
    tools: [weatherTool],
    messages: [
      turn('user', 'Hi'),
      turn('assistant', null, { tool_calls: [weatherCall('functions.w:0'), weatherCall('functions_w_0', '')] }),
      result('functions.w:0'),
      result('functions_w_0', ''),
      turn('user', 'So?'),
    ],
  })
  deepEqual(body['messages'], [
    { role: 'user', content: 'Hi' },
    {
      role: 'assistant',
      content: [
        { type: 'tool_use', id: 'functions_w_0', name: 'weather', input: { city: 'Ulm' } },
        { type: 'tool_use', id: 'functions_w_0_2', name: 'weather', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'functions_w_0', content: 'sun' },
        { type: 'tool_result', tool_use_id: 'functions_w_0_2' },
        { type: 'text', text: 'So?' },
      ],
    },
  ])
  deepEqual(lossesOf({ body, ...rest }), ['messages.tool_call_id renamed minor'])
})

test('an orphan result and an unanswered call are told in words', () => {
  const translation = toHaiku({
    tools: [weatherTool],
    messages: [
      result('gone'),
      turn('user', 'Hi'),
      turn('assistant', 'Let me see', { tool_calls: [weatherCall('a')] }),
      turn('user', 'Never mind'),
    ],
  })
  ok(!JSON.stringify(translation.body['messages']).includes('tool_use'))
  deepEqual(lossesOf(translation), ['messages.tool_calls emulated material', 'messages.tool_result emulated material'])
})

const callWith = (text: string) => ({
  tools: [weatherTool],
  messages: [turn('user', 'Hi'), turn('assistant', null, { tool_calls: [weatherCall('a', text)] }), result('a')],
})

test('broken arguments stand in an object, and are a loss', () => {
  for (const broken of ['{"city":', '[1]', 'null', '7']) {
    const translation = toHaiku(callWith(broken))
    ok(JSON.stringify(translation.body).includes('raw_arguments'))
    deepEqual(lossesOf(translation), ['messages.tool_calls.arguments emulated material'])
  }
  deepEqual(lossesOf(toHaiku(callWith(' '))), [])
})

test('tools of the history are defined, and may not be called', () => {
  const translation = toHaiku({
    messages: [turn('user', 'Hi'), turn('assistant', null, { tool_calls: [weatherCall('a')] }), result('a')],
  })
  deepEqual(translation.body['tools'], [{ name: 'weather', input_schema: { type: 'object' } }])
  deepEqual(translation.body['tool_choice'], { type: 'none' })
  deepEqual(lossesOf(translation), ['tools emulated minor'])
})

test('every tool choice has its counterpart, and a forced one is a loss where it cannot be forced', () => {
  const choices: [Json, boolean | null, Json][] = [
    ['auto', null, { type: 'auto' }],
    ['required', false, { type: 'any', disable_parallel_tool_use: true }],
    ['none', null, { type: 'none' }],
    [{ type: 'function', function: { name: 'weather' } }, null, { type: 'tool', name: 'weather' }],
    [null, false, { type: 'auto', disable_parallel_tool_use: true }],
  ]
  for (const [tool_choice, parallel_tool_calls, expected] of choices) {
    const translation = toHaiku({ tools: [weatherTool], tool_choice, parallel_tool_calls })
    deepEqual(translation.body['tool_choice'], expected)
    deepEqual(translation.losses, [])
  }
  const forced = chatBody({ tools: [weatherTool], tool_choice: 'required', parallel_tool_calls: false })
  const unforced = carried(chat, forced, { dialect: messages, model: 'claude-opus-5-5' })
  deepEqual(unforced.body['tool_choice'], { type: 'auto', disable_parallel_tool_use: true })
  ok(lossesOf(unforced).includes('tool_choice dropped material'))
})

test('a function without parameters still has a schema', () => {
  const { body, losses } = toHaiku({ tools: [{ type: 'function', function: { name: 'now' } }] })
  deepEqual(body['tools'], [{ name: 'now', input_schema: { type: 'object' } }])
  deepEqual(losses, [])
})

test('a missing limit is invented amply, and a model that thinks gets room for it', () => {
  const { max_tokens: _, ...unlimited } = chatBody()
  const invented = carried(chat, unlimited, haiku)
  equal(invented.body['max_tokens'], 16_384)
  deepEqual(lossesOf(invented), ['max_tokens emulated minor'])
  const limited = chatBody({ max_tokens: null, max_completion_tokens: 64 })
  const thinking = carried(chat, limited, { dialect: messages, model: 'claude-opus-5' })
  equal(thinking.body['max_tokens'], 64 + 16_384)
  deepEqual(lossesOf(thinking), ['max_completion_tokens emulated minor'])
  const reasoner = { ...limited, model: 'gpt-5-mini' }
  equal(carried(chat, reasoner, { dialect: messages, model: 'claude-opus-5' }).body['max_tokens'], 64)
})

test('stop strings of blanks are refused, so they are a loss', () => {
  const translation = toHaiku({ stop: ['\n', 'END'] })
  deepEqual(translation.body['stop_sequences'], ['END'])
  deepEqual(lossesOf(translation), ['stop dropped material'])
})

test('a temperature above 1 is clamped, and 0 survives', () => {
  const hot = toHaiku({ temperature: 1.4 })
  equal(hot.body['temperature'], 1)
  deepEqual(lossesOf(hot), ['temperature clamped material'])
  equal(toHaiku({ temperature: 0 }).body['temperature'], 0)
})

test('a JSON Schema is relaxed for the decoder', () => {
  const schema = {
    type: 'object',
    properties: { minimum: { type: 'number', minimum: 1 }, tags: { type: 'array', minItems: 2, items: { oneOf: [] } } },
    required: ['minimum'],
  }
  const format = { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } }
  const translation = toHaiku({ response_format: format })
  deepEqual(translation.body['output_config'], {
    format: {
      type: 'json_schema',
      schema: {
        type: 'object',
        properties: { minimum: { type: 'number' }, tags: { type: 'array', items: { anyOf: [] } } },
        required: ['minimum'],
        additionalProperties: false,
      },
    },
  })
  deepEqual(lossesOf(translation), ['response_format emulated minor'])
  const free = { type: 'object', properties: { map: { type: 'object', additionalProperties: { type: 'string' } } } }
  const closed = toHaiku({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema: free } } })
  deepEqual(lossesOf(closed), ['response_format emulated material'])
})

test('JSON mode becomes a sentence in the system prompt', () => {
  const translation = toHaiku({ response_format: { type: 'json_object' } })
  equal(translation.body['system'], 'Answer with one JSON object and nothing else.')
  deepEqual(lossesOf(translation), ['response_format emulated minor'])
})

const image = (url: string, more: JsonObject = {}) => ({ type: 'image_url', image_url: { url, ...more } })

test('images go by data and by URL', () => {
  const content = [
    { type: 'text', text: 'What?' },
    image('data:image/png;charset=utf-8;base64,QUJD'),
    image('https://x.test/a.png', { detail: 'low' }),
    { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,UERG' } },
  ]
  const translation = toHaiku({ messages: [turn('user', content)] })
  deepEqual((translation.body['messages'] as JsonObject[])[0]!['content'], [
    { type: 'text', text: 'What?' },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJD' } },
    { type: 'image', source: { type: 'url', url: 'https://x.test/a.png' } },
    { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'UERG' }, title: 'a.pdf' },
  ])
  deepEqual(lossesOf(translation), ['messages.image_url.detail dropped minor'])
})

test('what has no counterpart is reported, each with what it means', () => {
  const translation = toHaiku({
    seed: 7,
    user: 'u',
    logprobs: true,
    top_logprobs: 3,
    metadata: { a: 'b' },
    store: true,
    presence_penalty: 0.5,
    frequency_penalty: 0,
    logit_bias: { 1: 2 },
    verbosity: 'low',
    service_tier: 'flex',
    guided_regex: 'a+',
  })
  deepEqual(lossesOf(translation), [
    'guided_regex dropped material',
    'logit_bias dropped material',
    'logprobs dropped minor',
    'metadata dropped minor',
    'presence_penalty dropped material',
    'seed dropped minor',
    'service_tier dropped minor',
    'store dropped minor',
    'top_logprobs dropped minor',
    'user dropped minor',
    'verbosity dropped material',
  ])
})

test('a last word of the assistant is dropped where it is refused', () => {
  const prefilled = { messages: [turn('user', 'Hi'), turn('assistant', '{ ')] }
  const dropped = carried(chat, chatBody(prefilled), { dialect: messages, model: 'claude-opus-4-6' })
  deepEqual(dropped.body['messages'], [{ role: 'user', content: 'Hi' }])
  ok(lossesOf(dropped).includes('messages.prefill dropped material'))
  const kept = toHaiku(prefilled)
  deepEqual((kept.body['messages'] as JsonObject[])[1], { role: 'assistant', content: '{' })
  deepEqual(lossesOf(kept), ['messages.prefill emulated material'])
})

test('a prompt that is all system is asked by the user', () => {
  const translation = toHaiku({ messages: [turn('developer', 'Say hello')] })
  deepEqual(translation.body['messages'], [{ role: 'user', content: 'Say hello' }])
  deepEqual(lossesOf(translation), ['messages.system emulated material'])
})

test('old function calls are read too', () => {
  const { body, losses } = toHaiku({
    functions: [{ name: 'now', parameters: { type: 'object' } }],
    function_call: { name: 'now' },
    messages: [
      turn('user', 'Hi'),
      turn('assistant', null, { function_call: { name: 'now', arguments: '{}' } }),
      turn('function', 'noon', { name: 'now' }),
    ],
  })
  ok(JSON.stringify(body['messages']).includes('"tool_use_id":"function_1"'))
  deepEqual(body['tool_choice'], { type: 'tool', name: 'now' })
  deepEqual(losses, [])
})

test('calls that act or cannot be said elsewhere are not made', () => {
  const refusals: [JsonObject, string][] = [
    [{ n: 2 }, 'untranslatable'],
    [{ modalities: ['text', 'audio'] }, 'untranslatable'],
    [{ messages: [turn('user', [{ type: 'input_audio', input_audio: {} }])] }, 'untranslatable'],
    [{ messages: [turn('user', [{ type: 'image_url', image_url: { url: 'http://x.test/a' } }])] }, 'untranslatable'],
    [{ messages: [] }, 'untranslatable'],
    [{ messages: 'Hi' }, 'untranslatable'],
    [{ messages: [turn('narrator', 'Hi')] }, 'untranslatable'],
    [{ tools: [{ type: 'custom', custom: { name: 'x' } }] }, 'untranslatable'],
    [{ tools: [{ type: 'function', function: { name: 'a.b' } }] }, 'untranslatable'],
    [{ web_search_options: {} }, 'not_replayable'],
    [{ tools: [{ type: 'mcp' }] }, 'not_replayable'],
    [{ messages: [turn('user', [{ type: 'file', file: { file_id: 'file-1' } }])] }, 'not_replayable'],
  ]
  for (const [more, reason] of refusals) {
    const translation = ask(chat, chatBody(more), haiku)
    equal(translation.ok ? 'ok' : translation.reason, reason, JSON.stringify(more))
  }
})
