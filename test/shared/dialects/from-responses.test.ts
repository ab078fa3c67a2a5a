import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { ask, carried, chat, lossesOf, messages } from './asking.ts'
import { chatRequest } from './generators.ts'

const responses = 'openai-responses'
const haiku = { dialect: messages, model: 'claude-haiku-4-5' } as const
const toHaiku = (more: JsonObject) =>
  carried(responses, { model: 'gpt-4.1', max_output_tokens: 64, input: 'Hi', store: false, ...more }, haiku)

/** Chat parameters that Responses have under the same name. */
const sameNames = 'model temperature top_p stream user parallel_tool_calls'.split(' ')

/** The same question as a Responses call. */
function asResponses(request: JsonObject): JsonObject {
  const kept = Object.entries(request).filter(([name]) => sameNames.includes(name))
  const format = request['response_format'] as { type: string; json_schema: JsonObject } | undefined
  const choice = request['tool_choice'] as { function: JsonObject } | string | undefined
  return {
    ...Object.fromEntries(kept),
    store: false,
    input: (request['messages'] as JsonObject[]).flatMap(itemsOf),
    tools: (request['tools'] as { function: JsonObject }[]).map((tool) => ({
      type: 'function',
      strict: false,
      ...tool.function,
    })),
    ...said('max_output_tokens', request['max_tokens']),
    ...said('tool_choice', typeof choice === 'object' ? { type: 'function', ...choice.function } : choice),
    ...said('text', format && { format: { type: format.type, ...format.json_schema } }),
    ...said('reasoning', request['reasoning_effort'] && { effort: request['reasoning_effort'] }),
  }
}

const said = (name: string, value: Json | undefined): JsonObject => (value === undefined ? {} : { [name]: value })

function itemsOf(message: JsonObject): JsonObject[] {
  const { role, content } = message
  if (role === 'tool') {
    return [{ type: 'function_call_output', call_id: message['tool_call_id']!, output: contentOf(content!) }]
  }
  const calls = (message['tool_calls'] ?? []) as { id: string; function: JsonObject }[]
  const items = calls.map(({ id, function: call }) => ({ type: 'function_call', call_id: id, ...call }))
  return content === null ? items : [{ role: role!, content: contentOf(content!) }, ...items]
}

function contentOf(content: Json): Json {
  if (!Array.isArray(content)) return content
  return content.map((part) => {
    const { type, text, image_url } = part as { type: string; text: string; image_url: JsonObject }
    if (type === 'text') return { type: 'input_text', text }
    if (type === 'file') return { type: 'input_file', ...(part as { file: JsonObject }).file }
    const { url, ...detail } = image_url
    return { type: 'input_image', ...detail, image_url: url! }
  })
}

/** What Responses cannot say of a chat request. */
function sayable(request: JsonObject): JsonObject {
  const names = [...sameNames, 'max_tokens', 'tool_choice', 'response_format', 'reasoning_effort', 'tools']
  const turns = (request['messages'] as JsonObject[]).map((message) => {
    const { name: _, refusal: __, reasoning_content: ___, ...rest } = message
    return rest
  })
  return {
    ...Object.fromEntries(Object.entries(request).filter(([name]) => names.includes(name))),
    messages: turns,
  }
}

const chatWords: [string, string][] = [
  ['input.input_image.detail', 'messages.image_url.detail'],
  ['max_output_tokens', 'max_tokens'],
  ['text.format', 'response_format'],
  ['reasoning.effort', 'reasoning_effort'],
]
const inChatWords = (loss: string) => chatWords.reduce((told, [here, there]) => told.replace(here, there), loss)

test('a question is carried on alike, whether it was asked in chat or in Responses', () => {
  const target = fc.constantFrom(
    ...['claude-haiku-4-5', 'claude-opus-5-5'].map((model) => ({ dialect: messages, model }) as const),
  )
  fc.assert(
    fc.property(chatRequest.map(sayable), target, (request, to) => {
      const fromChat = carried(chat, request, to)
      const fromResponses = carried(responses, asResponses(request), to)
      deepEqual(fromResponses.body, fromChat.body)
      deepEqual(fromResponses.headers, fromChat.headers)
      deepEqual(lossesOf(fromResponses).map(inChatWords).toSorted(), lossesOf(fromChat))
    }),
    { numRuns: 300 },
  )
})

test('a tool that does not say whether it is strict is strict where its schema allows it', () => {
  const closed = { type: 'object', properties: { a: {} }, required: ['a'], additionalProperties: false }
  const strictIn = (tool: JsonObject) => {
    const tools = [{ type: 'function', name: 'f', ...tool }]
    const { body } = carried(responses, { model: 'gpt-4.1', input: 'Hi', tools }, { dialect: chat, model: 'gpt-4.1' })
    return (body['tools'] as { function: JsonObject }[])[0]!.function['strict']
  }
  equal(strictIn({ parameters: closed }), true)
  equal(strictIn({ parameters: closed, strict: false }), undefined)
  equal(strictIn({ parameters: { type: 'object', properties: { a: {} } } }), undefined)
})

test('what only Responses have is lost by name', () => {
  const { body, losses } = toHaiku({
    instructions: 'A',
    truncation: 'auto',
    text: { verbosity: 'low', format: { type: 'text' } },
    reasoning: { summary: 'auto' },
    include: ['message.output_text.logprobs'],
    prompt_cache_key: 'k',
    metadata: { a: 'b' },
    novelty: 1,
    service_tier: 'auto',
    previous_response_id: null,
  })
  deepEqual(body, {
    model: 'claude-haiku-4-5',
    max_tokens: 64,
    system: 'A',
    messages: [{ role: 'user', content: 'Hi' }],
  })
  deepEqual(losses.map(({ parameter, severity }) => `${parameter} ${severity}`).toSorted(), [
    'include minor',
    'metadata minor',
    'novelty material',
    'prompt_cache_key minor',
    'reasoning.summary minor',
    'text.verbosity material',
    'truncation material',
  ])
})

test('reasoning stays behind, and what stood around it is one turn', () => {
  const translation = toHaiku({
    tools: [{ type: 'function', name: 'weather', parameters: { type: 'object', properties: {} } }],
    input: [
      { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      { type: 'message', role: 'assistant', id: 'msg_1', content: [{ type: 'output_text', text: 'Let me see' }] },
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' },
      { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'weather', arguments: '{"city":"Ulm"}' },
      {
        type: 'function_call_output',
        call_id: 'call_1',
        output: [
          { type: 'input_text', text: 'sun' },
          { type: 'input_image', image_url: 'https://x.test/a.png' },
        ],
      },
      { role: 'user', content: 'So?' },
    ],
  })
  deepEqual(translation.body['messages'], [
    { role: 'user', content: 'Hi' },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Let me see' },
        { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Ulm' } },
      ],
    },
    {
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'call_1',
          content: [
            { type: 'text', text: 'sun' },
            { type: 'image', source: { type: 'url', url: 'https://x.test/a.png' } },
          ],
        },
        { type: 'text', text: 'So?' },
      ],
    },
  ])
  deepEqual(lossesOf(translation), ['input.reasoning dropped minor'])
})

test('only the allowed tools are offered', () => {
  const tool = (name: string) => ({ type: 'function', name, parameters: { type: 'object', properties: {} } })
  const translation = toHaiku({
    tools: [tool('f'), tool('g')],
    tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'g' }] },
  })
  deepEqual(
    (translation.body['tools'] as JsonObject[]).map((each) => each['name']),
    ['g'],
  )
  deepEqual(translation.body['tool_choice'], { type: 'any' })
  deepEqual(lossesOf(translation), ['tool_choice.allowed_tools emulated minor'])
})

test('a question no other dialect can be asked is said to be one', () => {
  const cases: JsonObject[] = [
    { tools: [{ type: 'custom', name: 'sql' }] },
    { input: [{ type: 'custom_tool_call', call_id: 'c', name: 'sql', input: 'SELECT 1' }] },
    { input: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] },
    { input: [{ role: 'critic', content: 'Hm' }] },
  ]
  for (const each of cases) {
    const translation = ask(responses, { model: 'gpt-4.1', input: 'Hi', ...each }, haiku)
    ok(!translation.ok && translation.reason === 'untranslatable', JSON.stringify(each))
  }
  equal(ask(chat, { model: 'gpt-4.1', messages: [] }, { dialect: responses }).ok, false)
})
