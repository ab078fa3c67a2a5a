import { deepEqual, ok } from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readMessages } from '../../../shared/dialects/anthropic-messages/read.ts'
import { writeMessages } from '../../../shared/dialects/anthropic-messages/write.ts'
import { createLosses } from '../../../shared/dialects/canonical.ts'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { readChat } from '../../../shared/dialects/openai-chat/read.ts'
import { writeChat } from '../../../shared/dialects/openai-chat/write.ts'
import { readResponses } from '../../../shared/dialects/openai-responses/read.ts'
import { writeResponses } from '../../../shared/dialects/openai-responses/write.ts'
import { carried, chat, messages } from './asking.ts'
import { chatRequest, messagesRequest, responsesRequest } from './generators.ts'

/** Names of a loss in the words of the other dialect → the top-level parameter of this one. */
const chatHeads = new Map([
  ['stop_sequences', 'stop'],
  ['output_config', 'response_format'],
  ['output_config.effort', 'reasoning_effort'],
  ['system', 'messages'],
  ['input', 'messages'],
  ['reasoning', 'reasoning_effort'],
  ['max_output_tokens', 'max_tokens'],
  ['text', 'response_format'],
  ['text.verbosity', 'verbosity'],
  ['thinking', 'reasoning_effort'],
])
const messagesHeads = new Map([
  ['response_format', 'output_config'],
  ['stop', 'stop_sequences'],
  ['cache_control', 'messages'],
  ['reasoning_effort', 'thinking'],
])

const responsesHeads = new Map([
  ['messages', 'input'],
  ['output_config', 'text'],
  ['response_format', 'text'],
  ['verbosity', 'text'],
  ['system', 'instructions'],
  ['max_tokens', 'max_output_tokens'],
  ['max_completion_tokens', 'max_output_tokens'],
])

function heads(losses: { parameter: string }[], names: Map<string, string>): string[] {
  const found = losses.map(({ parameter }) => {
    const head = parameter.split('.', 1)[0]!
    const name = names.get(parameter) ?? names.get(head) ?? head
    // What moves to the system prompt is missed where it stood.
    return parameter === 'messages.system' && name === 'input' ? [name, 'instructions'] : [name]
  })
  return [...new Set(found.flat())].toSorted()
}

/** One spelling for what a dialect lets be said in several ways. Values that say nothing are left out. */
function normal(value: Json, key = ''): Json {
  if (key === 'arguments' && typeof value === 'string') return JSON.parse(value) as Json
  if (key === 'role' && value === 'developer') return 'system'
  if (key === 'type' && typeof value === 'string') return value.replace(/^(input|output)_text$/, 'text')
  if ((key === 'content' || key === 'output' || key === 'stop' || key === 'system') && typeof value === 'string') {
    return key === 'stop' ? [value] : [{ type: 'text', text: value }]
  }
  if (Array.isArray(value)) return value.map((each) => normal(each))
  if (typeof value !== 'object' || value === null) return value
  const silent = new Map<string, Json>([
    ['n', 1],
    ['stream', false],
    ['parallel_tool_calls', true],
    ['presence_penalty', 0],
    ['frequency_penalty', 0],
    ['store', false],
    ['detail', 'auto'],
    ['service_tier', 'auto'],
    ['tool_choice', 'auto'],
    ['strict', false],
    ['truncation', 'disabled'],
    ['verbosity', 'medium'],
  ])
  const isText = (name: string, each: Json) => name.endsWith('format') && isDeepStrictEqual(each, { type: 'text' })
  const unsaid = new Set(['stream_options', 'annotations'])
  const said = Object.entries(value).filter(
    ([name, each]) =>
      silent.get(name) !== each && !unsaid.has(name) && !isText(name, each) && !(name === 'type' && each === 'message'),
  )
  const told = said.map(([name, each]): [string, Json] => [name, normal(each, name)])
  return Object.fromEntries(told.filter(([name, each]) => name !== 'text' || !isDeepStrictEqual(each, {})))
}

function changed(before: JsonObject, after: JsonObject): string[] {
  const [old, now] = [normal(before), normal(after)] as [JsonObject, JsonObject]
  const names = new Set([...Object.keys(old), ...Object.keys(now)])
  return [...names].filter((name) => !isDeepStrictEqual(old[name], now[name])).toSorted()
}

test('chat to messages and back loses exactly what the losses say', () => {
  const model = fc.constantFrom('claude-haiku-4-5', 'claude-opus-4-8', 'claude-opus-5-5')
  fc.assert(
    fc.property(chatRequest, model, (request, model) => {
      const there = carried(chat, request, { dialect: messages, model })
      const back = carried(messages, there.body, { dialect: chat, model: 'gpt-4.1', headers: there.headers })
      const difference = changed(request, back.body)
      const lost = heads([...there.losses, ...back.losses], chatHeads)
      // An effort said as a budget, or the other way round, is told of even where it comes back whole.
      const isWhole = (name: string) => name === 'reasoning_effort' && !difference.includes(name)
      deepEqual(
        difference,
        lost.filter((name) => !isWhole(name)),
      )
    }),
    { numRuns: 300 },
  )
})

test('messages to chat and back loses exactly what the losses say', () => {
  fc.assert(
    fc.property(messagesRequest, (request) => {
      const there = carried(messages, request, { dialect: chat, model: 'gpt-4.1' })
      const back = carried(chat, there.body, { dialect: messages, model: 'claude-haiku-4-5' })
      const difference = changed(request, back.body)
      const lost = heads([...there.losses, ...back.losses], messagesHeads)
      // A schema loses its name and its bounds on the way back, of which a format of messages has none.
      const isWhole = (name: string) => name === 'output_config' && !difference.includes(name)
      deepEqual(
        difference,
        lost.filter((name) => !isWhole(name)),
      )
    }),
    { numRuns: 300 },
  )
})

const responses = 'openai-responses'

test('chat to Responses and back loses exactly what the losses say', () => {
  fc.assert(
    fc.property(chatRequest, fc.constantFrom('gpt-4.1', 'gpt-5-mini'), (request, model) => {
      const there = carried(chat, request, { dialect: responses, model })
      const back = carried(responses, there.body, { dialect: chat, model: 'gpt-4.1' })
      deepEqual(changed(request, back.body), heads([...there.losses, ...back.losses], chatHeads))
    }),
    { numRuns: 300 },
  )
})

test('Responses to chat and back loses exactly what the losses say', () => {
  fc.assert(
    fc.property(responsesRequest, fc.constantFrom('gpt-4.1', 'gpt-4o'), (request, model) => {
      const there = carried(responses, request, { dialect: chat, model })
      const back = carried(chat, there.body, { dialect: responses, model: 'gpt-4.1' })
      deepEqual(changed(request, back.body), heads([...there.losses, ...back.losses], responsesHeads))
    }),
    { numRuns: 300 },
  )
})

test('Responses to messages and back loses exactly what the losses say', () => {
  fc.assert(
    fc.property(responsesRequest, fc.constantFrom('claude-haiku-4-5', 'claude-opus-5-5'), (request, model) => {
      const there = carried(responses, request, { dialect: messages, model })
      const back = carried(messages, there.body, { dialect: responses, model: 'gpt-4.1', headers: there.headers })
      deepEqual(changed(request, back.body), heads([...there.losses, ...back.losses], responsesHeads))
    }),
    { numRuns: 300 },
  )
})

test('the canonical form holds all of a request that it does not report as lost', () => {
  fc.assert(
    fc.property(chatRequest, messagesRequest, responsesRequest, (asChat, asMessages, asResponses) => {
      for (const [body, read, write] of [
        [asChat, readChat, writeChat],
        [asMessages, readMessages, writeMessages],
        [asResponses, readResponses, writeResponses],
      ] as const) {
        const losses = createLosses()
        const request = read(body, losses)
        const written = write(request, losses)
        const unsaid = [...request.others.keys()]
        const names = new Map<JsonObject, Map<string, string>>([
          [asChat, chatHeads],
          [asMessages, messagesHeads],
          [asResponses, responsesHeads],
        ])
        const lost = heads(losses.list(), names.get(body)!)
        // A way to think is said as an effort, which has its place in `output_config`.
        if (lost.includes('thinking')) lost.push('output_config')
        for (const name of changed(body, written)) ok(lost.includes(name) || unsaid.includes(name), name)
      }
    }),
    { numRuns: 300 },
  )
})
