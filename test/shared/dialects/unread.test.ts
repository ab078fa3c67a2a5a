import { deepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { word } from '../../../shared/dialects/json.ts'
import { ask, carried, chat, chatBody, lossesOf, messages, messagesBody, weatherCall, weatherTool } from './asking.ts'
import { chatRequest, messagesRequest, responsesRequest } from './generators.ts'

const responses = 'openai-responses'
const requests: [Dialect, fc.Arbitrary<JsonObject>][] = [
  [chat, chatRequest],
  [responses, responsesRequest],
  [messages, messagesRequest],
]
const models = new Map<Dialect, string>([
  [chat, 'gpt-4o'],
  [responses, 'gpt-4o'],
  [messages, 'claude-haiku-4-5'],
])

/** Below these stands data of the caller, options of the transport, or what is dropped as a whole. */
const closed = new Set(
  'parameters input_schema schema logit_bias metadata stream_options cache_control prediction'.split(' '),
)
const dropped = new Set(['thinking', 'redacted_thinking', 'reasoning'])

/** The objects of a request in which a caller could say something new. */
function placesOf(value: Json, name = ''): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap((each) => placesOf(each, name))
  if (typeof value !== 'object' || value === null || closed.has(name)) return []
  if (dropped.has(word(value['type']) ?? '') && name === 'content') return []
  const isArguments = name === 'input' && !('role' in value) && !('type' in value)
  if (isArguments) return []
  const members = Object.entries(value).filter(([member]) => !(value['type'] === 'tool_use' && member === 'input'))
  return [value, ...members.flatMap(([member, each]) => placesOf(each, member))]
}

for (const [from, request] of requests) {
  test(`${from}: nothing that is said anywhere in a request is dropped in silence`, () => {
    fc.assert(
      fc.property(request, fc.nat(), (body, at) => {
        const said = JSON.parse(JSON.stringify(body)) as JsonObject
        const places = placesOf(said)
        places[at % places.length]!['x_novel'] = 'meant'
        for (const [to] of requests.filter(([dialect]) => dialect !== from)) {
          const losses = lossesOf(carried(from, said, { dialect: to, model: models.get(to)! }))
          ok(
            losses.some((loss) => loss.includes('x_novel dropped material')),
            `${JSON.stringify(said)} ${losses.join('; ')}`,
          )
        }
      }),
      { numRuns: 300 },
    )
  })
}

const toHaiku = (more: JsonObject) =>
  lossesOf(carried(chat, chatBody(more), { dialect: messages, model: 'claude-haiku-4-5' }))

test('what hardly matters to the next answer is a minor loss', () => {
  const mark = { cache_control: { type: 'ephemeral' } }
  const call = { ...weatherCall('c'), index: 0, extra_content: { google: { thought_signature: 's' } } }
  const asked = toHaiku({
    tools: [weatherTool],
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Hi', ...mark }] },
      { role: 'assistant', content: null, annotations: [], audio: null, refusal: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c', content: 'sun', ...mark },
      { role: 'assistant', content: 'Sun.', annotations: [{ type: 'url_citation' }] },
      { role: 'user', content: 'So?' },
    ],
  })
  deepEqual(asked, [
    'cache_control dropped minor',
    'messages.annotations dropped minor',
    'messages.tool_calls.extra_content dropped minor',
  ])
})

test('an answer that is to be gone on with is not an ordinary turn', () => {
  const prefix = { role: 'assistant', content: '{', prefix: true }
  deepEqual(toHaiku({ messages: [{ role: 'user', content: 'Hi' }, prefix] }), [
    'messages.prefill emulated material',
    'messages.prefix dropped material',
  ])
})

test('lists that are empty say nothing', () => {
  const body = messagesBody({ mcp_servers: [], metadata: null })
  deepEqual(lossesOf(carried(messages, body, { dialect: chat, model: 'gpt-4o' })), [])
})

test('parts of a conversation that is only sent on are never looked into', () => {
  const novel = chatBody({ messages: [{ role: 'user', content: 'Hi', x_novel: 1 }] })
  const translation = ask(chat, novel, { model: 'gpt-4o' })
  ok(translation.ok && translation.losses.length === 0)
})
