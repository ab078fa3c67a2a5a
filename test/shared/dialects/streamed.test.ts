import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { describeAnswer, type DescribedAnswer } from '../../../shared/dialects/describe-answer.ts'
import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { createAccumulator } from '../../../shared/dialects/dialects.ts'

/** What a model says, before any wire format. Texts come in the pieces they are streamed in. */
type Said = {
  thinking: string[]
  text: string[]
  calls: { id: string; name: string; pieces: string[] }[]
  input: number
  output: number
}

const pieces = fc.array(fc.constantFrom<string[]>('Hi', ' é🎭', '\n', ' “x”', '\u2028', 'data: ', '{"a":'), {
  minLength: 1,
  maxLength: 5,
})
const input = fc.dictionary(fc.constantFrom('city', 'ö'), fc.oneof(fc.string(), fc.integer()))
const call = fc.tuple(fc.uuid(), fc.constantFrom('weather', 'time'), input, fc.nat(9)).map(([id, name, value, cut]) => {
  const text = JSON.stringify(value)
  return { id: `call_${id}`, name, pieces: [text.slice(0, cut), text.slice(cut)] }
})
const said: fc.Arbitrary<Said> = fc.record({
  thinking: fc.oneof(fc.constant<string[]>([]), pieces),
  text: pieces,
  calls: fc.array(call, { maxLength: 2 }),
  input: fc.nat(5_000),
  output: fc.nat(5_000),
})

type Wire = { body: JsonObject; events: JsonObject[]; named: boolean; ends?: string }

function asChat({ thinking, text, calls, input, output }: Said): Wire {
  const envelope = { id: 'chatcmpl-1', model: 'gpt-4.1' }
  const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
  const finish_reason = calls.length > 0 ? 'tool_calls' : 'stop'
  const whole = calls.map(({ id, name, pieces }) => ({ id, function: { name, arguments: pieces.join('') } }))
  const message = {
    content: text.join(''),
    ...(thinking.length > 0 ? { reasoning_content: thinking.join('') } : {}),
    ...(calls.length > 0 ? { tool_calls: whole } : {}),
  }
  const deltas: JsonObject[] = [
    ...thinking.map((reasoning_content) => ({ reasoning_content })),
    ...text.map((content) => ({ content })),
    ...calls.flatMap(({ id, name, pieces }, index) => [
      { tool_calls: [{ index, id, function: { name, arguments: '' } }] },
      ...pieces.map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ]),
  ]
  return {
    body: { ...envelope, choices: [{ index: 0, message, finish_reason }], usage },
    events: [
      ...deltas.map((delta) => ({ ...envelope, choices: [{ index: 0, delta, finish_reason: null }] })),
      { ...envelope, choices: [{ index: 0, delta: {}, finish_reason }] },
      { ...envelope, choices: [], usage },
    ],
    named: false,
    ends: 'data: [DONE]\n\n',
  }
}

function asMessages({ thinking, text, calls, input, output }: Said): Wire {
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-haiku-4-5' }
  const stop_reason = calls.length > 0 ? 'tool_use' : 'end_turn'
  const thought = thinking.length > 0 ? [{ type: 'thinking', thinking: thinking.join(''), signature: 'sig' }] : []
  const uses = calls.map(({ id, name, pieces }) => ({ type: 'tool_use', id, name, input: JSON.parse(pieces.join('')) }))
  const delta = (index: number, delta: JsonObject): JsonObject => ({ type: 'content_block_delta', index, delta })
  const block = (index: number, start: JsonObject, deltas: JsonObject[]): JsonObject[] => [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((each) => delta(index, each)),
    { type: 'content_block_stop', index },
  ]
  const first = thought.length
  return {
    body: {
      ...head,
      content: [...thought, { type: 'text', text: text.join('') }, ...uses],
      stop_reason,
      usage: { input_tokens: input, output_tokens: output },
    },
    events: [
      { type: 'message_start', message: { ...head, content: [], usage: { input_tokens: input, output_tokens: 1 } } },
      ...thought.flatMap(() =>
        block(0, { type: 'thinking', thinking: '', signature: '' }, [
          ...thinking.map((piece) => ({ type: 'thinking_delta', thinking: piece })),
          { type: 'signature_delta', signature: 'sig' },
        ]),
      ),
      ...block(
        first,
        { type: 'text', text: '' },
        text.map((piece) => ({ type: 'text_delta', text: piece })),
      ),
      ...calls.flatMap(({ id, name, pieces }, at) =>
        block(
          first + 1 + at,
          { type: 'tool_use', id, name, input: {} },
          pieces.map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
        ),
      ),
      { type: 'message_delta', delta: { stop_reason }, usage: { output_tokens: output } },
      { type: 'message_stop' },
    ],
    named: true,
  }
}

/** The terminal event carries no output, so that it is the pieces that are read. */
function asResponses({ thinking, text, calls, input, output }: Said): Wire {
  const usage = { input_tokens: input, output_tokens: output, total_tokens: input + output }
  const head = { id: 'resp_1', model: 'gpt-5.4', status: 'completed' }
  const thought = { type: 'reasoning', summary: [{ type: 'summary_text', text: thinking.join('') }] }
  const message = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: text.join('') }] }
  const whole = calls.map(({ id, name, pieces }) => ({
    type: 'function_call',
    call_id: id,
    name,
    arguments: pieces.join(''),
  }))
  const added = (output_index: number, item: JsonObject): JsonObject => ({
    type: 'response.output_item.added',
    output_index,
    item,
  })
  return {
    body: { ...head, output: [thought, message, ...whole], usage },
    events: [
      { type: 'response.created', response: { id: 'resp_1', model: 'gpt-5.4', status: 'in_progress', output: [] } },
      added(0, { type: 'reasoning', summary: [] }),
      ...thinking.map((delta) => ({
        type: 'response.reasoning_summary_text.delta',
        output_index: 0,
        summary_index: 0,
        delta,
      })),
      added(1, { type: 'message', role: 'assistant', content: [] }),
      ...text.map((delta) => ({ type: 'response.output_text.delta', output_index: 1, content_index: 0, delta })),
      ...calls.flatMap(({ id, name, pieces }, at) => [
        added(2 + at, { type: 'function_call', call_id: id, name, arguments: '' }),
        ...pieces.map((delta) => ({ type: 'response.function_call_arguments.delta', output_index: 2 + at, delta })),
      ]),
      { type: 'response.completed', response: { ...head, output: [], usage } },
    ],
    named: true,
  }
}

function sseOf({ events, named, ends = '' }: Wire, lineEnd: string): Buffer {
  const told = events.map((event) => {
    const name = named ? `event: ${event['type'] as string}\n` : ''
    return `${name}data: ${JSON.stringify(event)}\n\n`
  })
  return Buffer.from(`${told.join('')}${ends}`.replaceAll('\n', lineEnd))
}

function read(dialect: Dialect, contentType: string, bytes: Buffer, cuts: number[]): DescribedAnswer {
  const accumulator = createAccumulator(dialect, { status: 200, contentType })
  const places = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length]
  for (const [at, end] of places.slice(1).entries()) accumulator.push(bytes.subarray(places[at], end))
  const answer = describeAnswer(accumulator.end(), accumulator.details(), 200)
  // That pieces had to do for an answer is told, and is the one difference.
  return { ...answer, anomalies: answer.anomalies.filter((name) => name !== 'terminal_without_output') }
}

const wires: [Dialect, (said: Said) => Wire][] = [
  ['openai-chat', asChat],
  ['anthropic-messages', asMessages],
  ['openai-responses', asResponses],
]

for (const [dialect, write] of wires) {
  test(`${dialect}: a streamed answer is the same as the answer that is not, wherever its bytes are cut`, () => {
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r')
    fc.assert(
      fc.property(said, fc.array(fc.nat(), { maxLength: 8 }), lineEnd, (each, cuts, end) => {
        const wire = write(each)
        const whole = read(dialect, 'application/json', Buffer.from(JSON.stringify(wire.body)), cuts)
        deepEqual(read(dialect, 'text/event-stream', sseOf(wire, end), cuts), whole)
      }),
      { numRuns: 300 },
    )
  })
}
