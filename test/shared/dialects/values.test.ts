import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { ask, carried, chat, chatBody, lossesOf, messages, messagesBody, weatherTool } from './asking.ts'

const responses = 'openai-responses'
const haiku = { dialect: messages, model: 'claude-haiku-4-5' } as const
const gpt = { dialect: chat, model: 'gpt-4o' } as const
const reasonOf = (translation: ReturnType<typeof ask>) => (translation.ok ? 'ok' : translation.reason)

test('a parameter whose value cannot be read is a loss, not an absent parameter', () => {
  const odd: [JsonObject, string][] = [
    [{ reasoning_effort: 'ultra' }, 'reasoning_effort'],
    [{ temperature: '0.7' }, 'temperature'],
    [{ top_p: {} }, 'top_p'],
    [{ top_k: '3' }, 'top_k'],
    [{ parallel_tool_calls: 'false' }, 'parallel_tool_calls'],
    [{ stop: ['a', 1] }, 'stop'],
    [{ stream: 'true' }, 'stream'],
    [{ verbosity: 3 }, 'verbosity'],
    [{ n: '2' }, 'n'],
  ]
  for (const [more, parameter] of odd) {
    deepEqual(lossesOf(carried(chat, chatBody(more), haiku)), [`${parameter} dropped material`])
  }
  const asked = { model: 'gpt-4.1', input: 'Hi', reasoning: { effort: 'ultra' }, max_output_tokens: '9' }
  deepEqual(lossesOf(carried(responses, asked, gpt)), [
    'max_output_tokens dropped material',
    'reasoning.effort dropped material',
  ])
  const said = messagesBody({ output_config: { effort: 'ultra' }, stop_sequences: 'END' })
  deepEqual(lossesOf(carried(messages, said, gpt)), ['output_config.effort dropped material'])
  deepEqual(lossesOf(carried(messages, messagesBody({ thinking: true }), gpt)), ['thinking dropped material'])
})

test('a choice of tools nobody knows is not taken for none', () => {
  equal(reasonOf(ask(chat, chatBody({ tools: [weatherTool], tool_choice: 'any' }), haiku)), 'untranslatable')
  const tools = [{ name: 'weather', input_schema: { type: 'object' } }]
  equal(reasonOf(ask(messages, messagesBody({ tools, tool_choice: { type: 'every' } }), gpt)), 'untranslatable')
})

test('a format nobody knows is not taken for text', () => {
  for (const response_format of ['json', {}, { type: 5 }]) {
    equal(reasonOf(ask(chat, chatBody({ response_format }), haiku)), 'untranslatable')
  }
})

test('a tool that is told twice is told once, and two tools of one name are not told at all', () => {
  const twice = carried(chat, chatBody({ tools: [weatherTool, weatherTool] }), haiku)
  equal((twice.body['tools'] as Json[]).length, 1)
  deepEqual(lossesOf(twice), ['tools dropped minor'])
  const other = { type: 'function', function: { name: 'weather', description: 'Another' } }
  for (const to of [haiku, { dialect: responses, model: 'gpt-4o' } as const]) {
    equal(reasonOf(ask(chat, chatBody({ tools: [weatherTool, other] }), to)), 'untranslatable')
  }
})

test('the arguments of a tool are those of one object', () => {
  const tool = (parameters: JsonObject) =>
    chatBody({ tools: [{ type: 'function', function: { name: 'f', parameters } }] })
  const schemaOf = (parameters: JsonObject) => {
    const { body, losses } = carried(chat, tool(parameters), haiku)
    return [(body['tools'] as JsonObject[])[0]!['input_schema'], losses.map(({ severity }) => severity)]
  }
  const properties = { a: { anyOf: [{ type: 'string' }, { type: 'null' }] } }
  deepEqual(schemaOf({ properties }), [{ type: 'object', properties }, []])
  deepEqual(schemaOf({ type: ['object', 'null'], properties }), [{ type: 'object', properties }, []])
  deepEqual(schemaOf({ type: 'object', properties, oneOf: [{ required: ['a'] }] }), [
    { type: 'object', properties },
    ['material'],
  ])
  equal(reasonOf(ask(chat, tool({ type: 'array' }), haiku)), 'untranslatable')
})

test('a conversation in which nothing is said is not asked', () => {
  for (const content of [null, '', [], ' ']) {
    equal(reasonOf(ask(chat, chatBody({ messages: [{ role: 'user', content }] }), haiku)), 'untranslatable')
  }
})

test('an item of the input that is its id only is kept at the provider', () => {
  const asked = { model: 'gpt-4.1', input: [{ id: 'msg_1' }, { role: 'user', content: 'Hi' }] }
  for (const to of [gpt, {}]) equal(reasonOf(ask(responses, asked, to)), 'not_replayable')
})
