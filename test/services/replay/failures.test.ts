import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { type Observation } from '../../../shared/contracts/observation.ts'
import { readAnswer } from '../../../shared/dialects/dialects.ts'
import { type Reply } from '../../../shared/providers/adapter.ts'
import { isAccountFailure, mayRetry, type OwnFailure, rule } from '../../../shared/providers/failures.ts'
import { aConfig, anExchange, aMessagesExchange, observationOf, openArms, replay } from './builders.ts'
import {
  chatChunks,
  chatCompletion,
  chatError,
  messageEvents,
  messagesError,
  pretendProvider,
  type Script,
  sendEvents,
  sendJson,
} from './pretend-provider.ts'

const noRetry = { 'x-should-retry': 'false' }
const streamedChat = { model: 'gpt-4o', stream: true, messages: [{ role: 'user', content: 'Sky?' }] }
const streamedMessages = { ...streamedChat, model: 'claude-sonnet-4-6', max_tokens: 100 }

/** What is observed of a provider that follows the script, asked in its own dialect. */
async function observe(
  context: Parameters<typeof pretendProvider>[0],
  script: Script,
  dialect: 'openai' | 'anthropic' = 'openai',
  streamed = true,
): Promise<Observation & { asked: number }> {
  const provider = await pretendProvider(context, script)
  const candidates = [{ name: 'one', provider: dialect, model: 'm', timeoutMs: 400 }]
  const config = aConfig({ openai: provider.url }, { control: false, candidates })
  const exchange =
    dialect === 'openai'
      ? anExchange({ ...streamedChat, stream: streamed })
      : aMessagesExchange({ ...streamedMessages, stream: streamed })
  const set = await replay(exchange, openArms(context, config))
  return { ...observationOf(set, 'one'), asked: provider.asked.length }
}

const error =
  (status: number, body: object, headers: object = noRetry): Script =>
  (response) =>
    sendJson(response, status, body, headers)

const failures: [string, Observation['failureKind'], Script, ('openai' | 'anthropic')?][] = [
  ['a rate limit', 'rate_limited', error(429, chatError('rate_limit_exceeded'))],
  ['an overloaded provider', 'overloaded', error(503, chatError('unavailable'))],
  ['an overloaded messages provider', 'overloaded', error(529, messagesError('overloaded_error')), 'anthropic'],
  ['an internal error', 'server_error', error(500, chatError('server_error'))],
  ['a conflict', 'server_error', error(409, chatError('conflict'))],
  ['a request the provider gave up on', 'timeout', error(408, chatError('timeout'))],
  ['a refused request', 'bad_request', error(400, chatError('context_length_exceeded'))],
  ['a refused messages request', 'bad_request', error(400, messagesError('invalid_request_error')), 'anthropic'],
  ['an error page', 'server_error', (response) => void response.writeHead(502, noRetry).end('<html>Bad gateway')],
  ['an empty 200', 'malformed_answer', (response) => void response.writeHead(200).end()],
  ['an empty event stream', 'malformed_answer', (response) => sendEvents(response, [])],
  ['an HTML 200', 'malformed_answer', (response) => void response.writeHead(200).end('<html>')],
  ['JSON that is cut', 'malformed_answer', (response) => void response.writeHead(200).end('{"choices": [{')],
  ['a JSON answer without content', 'malformed_answer', (response) => sendJson(response, 200, { object: 'list' })],
  ['a 200 with an error body', 'server_error', (response) => sendJson(response, 200, chatError('oops'))],
  [
    'a stream that ends without its end',
    'incomplete_stream',
    (response) => sendEvents(response, chatChunks(['Blue']).slice(0, 1)),
  ],
  [
    'a messages stream that ends without its end',
    'incomplete_stream',
    (response) => sendEvents(response, messageEvents(['Blue']).slice(0, -1)),
    'anthropic',
  ],
  [
    'a stream that breaks off',
    'incomplete_stream',
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${JSON.stringify(chatChunks(['Blue'])[0])}\n\n`, () => response.destroy())
    },
  ],
  [
    'an error in the stream',
    'stream_error',
    (response) => sendEvents(response, [chatChunks(['Blue'])[0], chatError('server_error')]),
  ],
  [
    'an overload in the stream',
    'overloaded',
    (response) => sendEvents(response, [...messageEvents(['Bl']).slice(0, 3), messagesError('overloaded_error')]),
    'anthropic',
  ],
  ['events that are not JSON', 'incomplete_stream', (response) => sendEvents(response, ['{"choices": [', 'x'])],
]

for (const [what, failureKind, script, dialect] of failures) {
  test(`${what} is an observation that failed with ${failureKind}`, async (context) => {
    const seen = await observe(context, script, dialect)
    assert.deepEqual(
      [seen.outcome, seen.failureKind, seen.notAskedReason, seen.attempts, seen.asked],
      ['failed', failureKind, null, 1, 1],
    )
    assert.notEqual(seen.answer?.outcome, 'ok')
  })
}

const own: [string, Script][] = [
  ['an unknown model', error(404, chatError('model_not_found'), {})],
  ['an unknown model called a bad request', error(400, chatError('model_not_found'), {})],
  ['a model that the key may not see', error(403, chatError('model_not_found'), {})],
]

for (const [what, script] of own) {
  test(`${what} is our own failure and is not tried again`, async (context) => {
    const seen = await observe(context, script)
    assert.deepEqual(
      [seen.outcome, seen.notAskedReason, seen.failureKind, seen.asked],
      ['not_asked', 'model_not_found', null, 1],
    )
  })
}

const accounts: [string, OwnFailure, number, object][] = [
  ['a wrong key', 'credentials_rejected', 401, chatError('invalid_api_key')],
  ['a wrong messages key', 'credentials_rejected', 401, messagesError('authentication_error')],
  ['a key without permission', 'credentials_rejected', 403, chatError('permission_denied')],
  ['a spent quota', 'quota', 429, chatError('insufficient_quota')],
  ['an unpaid bill', 'quota', 402, chatError('payment_required')],
  ['an empty account', 'quota', 400, { error: { type: 'x', message: 'Your credit balance is too low' } }],
]

for (const [what, reason, status, body] of accounts) {
  test(`${what} is a refusal of our account, ${reason}, and is not tried again`, () => {
    const reply = refusal(status, body)
    assert.deepEqual(rule(reply), { outcome: 'not_asked', notAskedReason: reason })
    assert.ok(isAccountFailure(rule(reply)))
    assert.equal(mayRetry(reply), false)
  })
}

test('a 403 that moderates one request is the provider’s answer to it, not a rejected key', () => {
  const words = 'gpt-4o requires moderation. Your input was flagged for "violence".'
  const reply = refusal(403, { error: { code: 403, message: words, metadata: { reasons: ['violence'] } } })
  assert.deepEqual(rule(reply), { outcome: 'failed', failureKind: 'bad_request' })
})

function refusal(status: number, body: object): Reply {
  const bytes = Buffer.from(JSON.stringify(body))
  return {
    end: 'complete',
    status,
    streamed: false,
    answer: readAnswer('openai-chat', { status, contentType: 'application/json' }, bytes),
    sizeBytes: bytes.length,
    chunks: [],
    connectMs: 0,
    ttftMs: 1,
    totalMs: 1,
    retryAfterMs: null,
    retryAdvised: null,
  }
}

test('what arrived before a stream broke off is kept with its time', async (context) => {
  const events = chatChunks(['Bl', 'ue'])
  const seen = await observe(context, (response) => sendEvents(response, events.slice(0, 2)))
  assert.equal(seen.answer?.text, 'Blue')
  assert.equal(seen.chunks.length, 2)
  assert.notEqual(seen.ttftMs, null)
  assert.equal(seen.status, 200)
})

test('a provider that never answers is a timeout, and the call is broken off', async (context) => {
  let closed = false
  const seen = await observe(context, (response) => void response.on('close', () => (closed = true)))
  assert.deepEqual([seen.outcome, seen.failureKind, seen.attempts, seen.status], ['failed', 'timeout', 1, null])
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.ok(closed)
})

test('a provider that stalls in the middle is a timeout that keeps the beginning', async (context) => {
  const seen = await observe(context, (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`data: ${JSON.stringify(chatChunks(['Blue'])[0])}\n\n`)
  })
  assert.deepEqual([seen.outcome, seen.failureKind, seen.attempts], ['failed', 'timeout', 1])
  assert.equal(seen.answer?.text, 'Blue')
  assert.ok(seen.ttftMs! < 300 && seen.totalMs! >= 350)
})

test('an error body that stalls is a timeout too', async (context) => {
  const seen = await observe(context, (response) => {
    response.writeHead(500, { 'content-type': 'application/json' })
    response.write('{"error":')
  })
  assert.deepEqual([seen.failureKind, seen.attempts, seen.status], ['timeout', 1, 500])
})

test('a redirect is not followed', async (context) => {
  const elsewhere = await pretendProvider(context, (response) => sendJson(response, 200, chatCompletion('Gotcha.')))
  const seen = await observe(
    context,
    (response) => void response.writeHead(307, { location: `${elsewhere.url}/v1/chat/completions` }).end(),
  )
  assert.deepEqual([seen.outcome, seen.failureKind, seen.status], ['failed', 'malformed_answer', 307])
  assert.equal(elsewhere.connections, 0)
})

test('a provider that resets every connection is a connection failure after three attempts', async (context) => {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.on('error', () => {}).resetAndDestroy()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const set = await replay(anExchange(), openArms(context, aConfig({ openai: url }, { control: false })))
  const seen = observationOf(set, 'mini')
  assert.deepEqual([seen.outcome, seen.failureKind, seen.attempts, seen.status], ['failed', 'connection', 3, null])
  assert.equal(connections, 3)
  assert.ok(seen.waitedMs >= 1000)
})

test('a refusal by the model is an answer, not a failure', async (context) => {
  const choice = { index: 0, message: { role: 'assistant', refusal: 'I cannot.' }, finish_reason: 'stop' }
  const seen = await observe(context, (response) =>
    sendJson(response, 200, { ...chatCompletion(''), choices: [choice] }),
  )
  assert.deepEqual([seen.outcome, seen.answer?.outcome], ['answered', 'refused'])
})
