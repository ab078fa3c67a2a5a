import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { type ServerResponse } from 'node:http'
import { test } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { chatAnswer, chatEvents, exchangesIn, startTestTap, startUpstream, until } from './tap-kit.ts'

const tool = {
  type: 'function' as const,
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
}

async function sendPieces(response: ServerResponse, pieces: readonly string[]): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': 'req_1' })
  for (const piece of pieces) {
    response.write(piece)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  response.end()
}

test('the OpenAI client works through the tap, and what it got is what was captured', async (context) => {
  const upstream = await startUpstream(context, (request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(chatAnswer))
  })
  const tap = await startTestTap(context, upstream)
  const client = new OpenAI({ baseURL: `${tap.url}/openai/v1`, apiKey: 'sk-canary', maxRetries: 0 })

  const got = await client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] })

  await until(() => exchangesIn(tap.log).length === 1)
  const { request, served, dialect } = exchangesIn(tap.log)[0]!
  equal(dialect, 'openai-chat')
  equal(request.path, '/v1/chat/completions')
  equal(request.model, 'gpt-4o')
  equal(request.streamed, false)
  equal(served.end, 'complete')
  equal(served.answer!.text, got.choices[0]!.message.content)
  equal(served.answer!.usage.inputTokens, got.usage!.prompt_tokens)
  equal(served.body.data, chatAnswer)
  deepEqual(served.chunks, [])
  ok(served.ttftMs !== null && served.totalMs !== null && served.ttftMs <= served.totalMs)
})

test('the OpenAI client streams through the tap, with one chunk in the timeline for each event', async (context) => {
  const events = chatEvents(['Hel', 'lo ', 'you'])
  const upstream = await startUpstream(context, (request, response) => {
    request.resume().on('end', () => void sendPieces(response, events))
  })
  const tap = await startTestTap(context, upstream)
  const client = new OpenAI({ baseURL: `${tap.url}/openai/v1`, apiKey: 'sk-canary', maxRetries: 0 })

  const stream = await client.chat.completions.create({ model: 'gpt-4o', messages: [], stream: true })
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''

  equal(text, 'Hello you')
  await until(() => exchangesIn(tap.log).length === 1)
  const { request, served } = exchangesIn(tap.log)[0]!
  equal(request.streamed, true)
  equal(served.answer!.text, text)
  equal(served.answer!.outcome, 'ok')
  equal(served.body.data, events.join(''))
  deepEqual(
    served.chunks.map(({ sizeBytes }) => sizeBytes),
    events.map((event) => event.length),
  )
  const offsets = served.chunks.map(({ offsetMs }) => offsetMs)
  deepEqual(
    offsets,
    offsets.toSorted((a, b) => a - b),
  )
  ok(offsets.at(-1)! - offsets[0]! >= 10, 'the pieces were sent over at least 10 ms')
  equal(served.ttftMs, offsets[0])
  deepEqual(served.headers, { 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': 'req_1' })
})

test('tools asked for through the OpenAI client are captured as it saw them', async (context) => {
  const message = {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
  }
  const upstream = await startUpstream(context, (request, response) => {
    const body = { ...JSON.parse(chatAnswer), choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)))
  })
  const tap = await startTestTap(context, upstream)
  const client = new OpenAI({ baseURL: `${tap.url}/openai/v1`, apiKey: 'sk-canary', maxRetries: 0 })

  const got = await client.chat.completions.create({ model: 'gpt-4o', messages: [], tools: [tool] })

  const [call] = got.choices[0]!.message.tool_calls!
  await until(() => exchangesIn(tap.log).length === 1)
  const { served } = exchangesIn(tap.log)[0]!
  deepEqual(served.answer!.toolCalls, [{ id: call!.id, name: 'weather', argumentsText: '{"city":"Oslo"}' }])
  equal(served.answer!.finish, 'tool_calls')
})

const anthropicEvents = [
  [
    'message_start',
    {
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-x',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 5, output_tokens: 1 },
      },
    },
  ],
  ['content_block_start', { index: 0, content_block: { type: 'text', text: '' } }],
  ['ping', {}],
  ['content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Let me ' } }],
  ['content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'look.' } }],
  ['content_block_stop', { index: 0 }],
  ['content_block_start', { index: 1, content_block: { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} } }],
  ['content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: '{"city":' } }],
  ['content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: '"Oslo"}' } }],
  ['content_block_stop', { index: 1 }],
  ['message_delta', { delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 9 } }],
  ['message_stop', {}],
].map(([type, rest]) => `event: ${type as string}\ndata: ${JSON.stringify({ type, ...(rest as object) })}\n\n`)

test('the Anthropic client streams text and tools through the tap, and the capture agrees with it', async (context) => {
  const upstream = await startUpstream(context, (request, response) => {
    request.resume().on('end', () => void sendPieces(response, anthropicEvents))
  })
  const tap = await startTestTap(context, upstream)
  const client = new Anthropic({ baseURL: `${tap.url}/anthropic`, apiKey: 'sk-ant-canary', maxRetries: 0 })

  const got = await client.messages
    .stream({ model: 'claude-x', max_tokens: 50, messages: [{ role: 'user', content: 'hello' }] })
    .finalMessage()

  await until(() => exchangesIn(tap.log).length === 1)
  const { dialect, request, served } = exchangesIn(tap.log)[0]!
  equal(dialect, 'anthropic-messages')
  ok(request.headers['anthropic-version'])
  deepEqual(got.content[0], { type: 'text', text: served.answer!.text })
  deepEqual(served.answer!.toolCalls, [{ id: 'toolu_1', name: 'weather', argumentsText: '{"city":"Oslo"}' }])
  equal(served.answer!.usage.outputTokens, got.usage.output_tokens)
  equal(served.chunks.length, anthropicEvents.length)
})

test('the Anthropic client gets whole messages through the tap', async (context) => {
  const body = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-x',
    content: [{ type: 'text', text: 'Hi' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 2 },
  }
  const upstream = await startUpstream(context, (request, response) => {
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)))
  })
  const tap = await startTestTap(context, upstream)
  const client = new Anthropic({ baseURL: `${tap.url}/anthropic`, apiKey: 'sk-ant-canary', maxRetries: 0 })

  const got = await client.messages.create({ model: 'claude-x', max_tokens: 50, messages: [] })

  deepEqual(got.content, body.content)
  await until(() => exchangesIn(tap.log).length === 1)
  equal(exchangesIn(tap.log)[0]!.served.answer!.text, 'Hi')
})

test("both clients show the tap's own words when the upstream is away", async (context) => {
  const tap = await startTestTap(context, 'http://127.0.0.1:1')
  const openai = new OpenAI({ baseURL: `${tap.url}/openai/v1`, apiKey: 'k', maxRetries: 0 })
  const anthropic = new Anthropic({ baseURL: `${tap.url}/anthropic`, apiKey: 'k', maxRetries: 0 })

  await rejects(openai.chat.completions.create({ model: 'm', messages: [] }), /502.*could not be reached/)
  await rejects(anthropic.messages.create({ model: 'm', max_tokens: 1, messages: [] }), /502.*could not be reached/)
})
