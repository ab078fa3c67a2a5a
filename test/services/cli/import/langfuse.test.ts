import { deepEqual, equal, notEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { copyOfEntry } from '../../../../services/cli/import/copy-of-entry.ts'
import { bodyOf, imported, upstreamOf } from './imported.ts'

test('the generations that tell what was asked become exchanges; all else is told by reason and place', async () => {
  const { read, unusable, exchanges } = await imported('langfuse-api.json')

  equal(read, 14)
  deepEqual(unusable, {
    not_a_generation: ['entry 3'],
    no_status: ['entry 5'],
    no_model: ['entry 6'],
    bare_text: ['entry 7'],
    truncated: ['entry 8'],
    media_apart: ['entry 11'],
    no_input: ['entry 12'],
    no_response: ['entry 13'],
  })
  const byTime = exchanges.toSorted((one, other) => one.capturedAt.localeCompare(other.capturedAt))
  deepEqual(
    byTime.map(({ dialect, served }) => [dialect, served.status, served.answer!.text]),
    [
      ['openai-chat', 200, 'On its way.'],
      ['openai-chat', 200, ''],
      ['openai-chat', 429, ''],
      ['anthropic-messages', 200, 'Thirty days.'],
      ['openai-responses', 200, 'Nine to five.'],
      ['openai-embeddings', 200, ''],
    ],
  )
})

test('a request is made of the model, the API’s parameters and the messages, without what a tracer put in', async () => {
  const { exchanges } = await imported('langfuse-api.json')
  const [first, tools, , anthropic] = exchanges

  deepEqual(bodyOf(first!), {
    model: 'gpt-4o',
    temperature: 0.2,
    top_p: 1,
    messages: [
      { role: 'system', content: 'You answer for a shop. Be brief.' },
      { role: 'user', content: 'Where is my order?' },
    ],
  })
  deepEqual(Object.keys(bodyOf(tools!) as object).toSorted(), [
    'messages',
    'model',
    'stream',
    'temperature',
    'tools',
    'top_p',
  ])
  deepEqual(bodyOf(anthropic!), {
    model: 'claude-sonnet-4-6',
    max_tokens: 300,
    system: 'Be brief.',
    messages: [{ role: 'user', content: 'Return policy?' }],
  })
})

test('usage counts each token once, as the API does', async () => {
  const { exchanges } = await imported('langfuse-api.json')

  const { inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = exchanges[0]!.served.answer!.usage
  deepEqual([inputTokens, cachedInputTokens, outputTokens, reasoningTokens], [20, 16, 6, 2])
  const traced = { input: 4, input_cache_read: 16, output: 4, output_reasoning: 2, total: 26 }
  const { answer } = copyOf([{ role: 'user', content: 'Hi' }], 'Hello', traced)
  deepEqual(textOf(answer)['usage'], {
    prompt_tokens: 20,
    completion_tokens: 6,
    total_tokens: 26,
    prompt_tokens_details: { cached_tokens: 16 },
    completion_tokens_details: { reasoning_tokens: 2 },
  })
})

test('tool calls, first token and session are what Langfuse tells, and a trace is a conversation where none is named', async () => {
  const { exchanges } = await imported('langfuse-api.json')
  const [first, tools, refused] = exchanges

  deepEqual(
    tools!.served.answer!.toolCalls.map(({ name }) => name),
    ['order_status'],
  )
  deepEqual([tools!.request.streamed, tools!.served.ttftMs, tools!.served.totalMs], [true, 400, 900])
  deepEqual([first!.request.streamed, first!.served.ttftMs], [false, 900])
  equal(refused!.conversationId, first!.conversationId)
  notEqual(tools!.conversationId, first!.conversationId)
})

test('an observation is the same exchange from the API, from the pages and from a bucket', async () => {
  const [api, json, csv, bucket] = [
    await imported('langfuse-api.json'),
    await imported('langfuse-ui.json'),
    await imported('langfuse-ui.csv'),
    await imported('langfuse-bucket.jsonl'),
  ]

  deepEqual(json.unusable, { not_a_generation: ['entry 3'] })
  deepEqual(csv.unusable, { not_a_generation: ['entry 3'], bare_text: ['entry 5'] })
  deepEqual(bucket.unusable, { not_a_generation: ['line 2'], truncated: ['line 3'] })
  for (const { exchanges } of [json, csv, bucket]) {
    equal(exchanges[0]!.exchangeId, api.exchanges[0]!.exchangeId)
    deepEqual(bodyOf(exchanges[0]!), bodyOf(api.exchanges[0]!))
    deepEqual(exchanges[0]!.served.answer, api.exchanges[0]!.served.answer)
    equal(exchanges[0]!.capturedAt, '2026-11-03T10:00:01.000Z')
  }
})

const copyOf = (input: unknown, output: unknown, usageDetails = {}) =>
  copyOfEntry(
    JSON.stringify({
      id: 'o',
      traceId: 't',
      type: 'GENERATION',
      startTime: 0,
      model: 'gpt-4o',
      input,
      output,
      usageDetails,
    }),
    { upstreamOf, source: 'import', writtenAt: null },
  )
const textOf = (copied: { pieces: readonly { bytes: Uint8Array }[] }) =>
  JSON.parse(String(Buffer.concat(copied.pieces.map(({ bytes }) => bytes)))) as Record<string, unknown>

test('what LangChain’s tracer makes of tools and their calls is put back', () => {
  const tool = { type: 'function', function: { name: 'order_status', parameters: { type: 'object' } } }
  const call = { name: 'order_status', args: { id: '4711' }, id: 'call_1', type: 'tool_call' }
  const sent = { id: 'call_1', type: 'function', function: { name: 'order_status', arguments: '{"id":"4711"}' } }

  const { request, answer } = copyOf(
    [
      { role: 'user', content: 'Status of 4711?', additional_kwargs: {} },
      { role: 'assistant', content: '', tool_calls: [call] },
      { role: 'tool', content: 'shipped', tool_call_id: 'call_1' },
      { role: 'tool', content: tool },
    ],
    { role: 'assistant', content: '', tool_calls: [call] },
  )

  deepEqual(textOf(request), {
    model: 'gpt-4o',
    messages: [
      { role: 'user', content: 'Status of 4711?' },
      { role: 'assistant', content: '', tool_calls: [sent] },
      { role: 'tool', content: 'shipped', tool_call_id: 'call_1' },
    ],
    tools: [tool],
  })
  deepEqual(textOf(answer)['choices'], [
    { index: 0, finish_reason: null, message: { role: 'assistant', content: '', tool_calls: [sent] } },
  ])
})

test('messages in the form of another framework are not sent to a model', () => {
  for (const content of [[{ type: 'tool-call', toolName: 'order_status' }], { text: 'Hi' }, undefined]) {
    throws(() => copyOf({ messages: [{ role: 'user', content }] }, 'Hello'), { reason: 'foreign_messages' })
  }
})
