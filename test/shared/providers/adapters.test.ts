import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'

import { Dialect } from '../../../shared/contracts/exchange.ts'
import { type Adapter, type Call, type ProviderAccess } from '../../../shared/providers/adapter.ts'
import { createAdapters } from '../../../shared/providers/index.ts'
import { createTransport } from '../../../shared/providers/transport.ts'
import {
  aResponse,
  askedTimes,
  chatChunks,
  chatCompletion,
  message,
  pretendProvider,
  sendJson,
} from '../../services/replay/pretend-provider.ts'

function openAdapter(context: TestContext, provider: ProviderAccess, recorded: Dialect = 'openai-chat'): Adapter {
  const transport = createTransport()
  context.after(() => transport.close())
  return createAdapters({ one: provider }, transport).get('one')!(recorded)
}

const call = (changes: Partial<Call> = {}): Call => ({
  body: '{"model":"m","messages":[]}',
  headers: {},
  timeoutMs: 2000,
  signal: new AbortController().signal,
  ...changes,
})

const answersBoth = (context: TestContext) =>
  pretendProvider(context, (response, { path }) =>
    sendJson(
      response,
      200,
      path.endsWith('/messages') ? message([{ type: 'text', text: 'Hi' }]) : chatCompletion('Hi'),
    ),
  )

test('the version and the betas of the recorded call replace the SDK’s own', async (context) => {
  const provider = await answersBoth(context)
  const adapter = openAdapter(context, { dialect: 'anthropic', baseUrl: provider.url, apiKey: 'k' })
  const headers = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'b-1', 'x-api-key': 'canary', host: 'canary' }
  await adapter.ask(call({ headers }))
  await adapter.ask(call())
  const [first, second] = provider.asked.map((asked) => asked.headers)
  assert.deepEqual([first!['anthropic-version'], first!['anthropic-beta']], ['2023-06-01', 'b-1'])
  assert.match(String(second!['anthropic-version']), /^\d{4}-\d\d-\d\d$/)
  assert.equal(second!['anthropic-beta'], undefined)
  assert.ok(!JSON.stringify(provider.asked).includes('canary'))
})

for (const dialect of ['openai', 'anthropic'] as const) {
  test(`a server that wants no key gets none (${dialect})`, async (context) => {
    const provider = await answersBoth(context)
    const reply = await openAdapter(context, { dialect, baseUrl: provider.url, apiKey: '' }).ask(call())
    assert.equal(reply.answer?.text, 'Hi')
    assert.equal(provider.asked[0]!.headers.authorization, undefined)
    assert.equal(provider.asked[0]!.headers['x-api-key'], undefined)
  })

  test(`the environment of an app behind the tap changes neither address nor key (${dialect})`, async (context) => {
    const elsewhere = await answersBoth(context)
    const provider = await answersBoth(context)
    const prefix = dialect.toUpperCase()
    const variables = { BASE_URL: elsewhere.url, API_KEY: 'canary', AUTH_TOKEN: 'canary', ORG_ID: 'canary' }
    for (const [name, value] of Object.entries(variables)) process.env[`${prefix}_${name}`] = value
    context.after(() => Object.keys(variables).forEach((name) => delete process.env[`${prefix}_${name}`]))

    await openAdapter(context, { dialect, baseUrl: provider.url, apiKey: 'ours' }).ask(call())
    assert.equal(provider.asked.length, 1)
    assert.equal(elsewhere.connections, 0)
    assert.equal(provider.asked[0]!.headers.authorization, 'Bearer ours')
    assert.ok(!JSON.stringify(provider.asked).includes('canary'))
  })

  test(`the body goes out byte for byte (${dialect})`, async (context) => {
    const provider = await answersBoth(context)
    const body = ' {"n": 9007199254740993, "s":"\\ud83d", "é": 1.0 }\n'
    await openAdapter(context, { dialect, baseUrl: provider.url, apiKey: 'k' }).ask(call({ body }))
    assert.equal(provider.asked[0]!.text, body)
    assert.equal(provider.asked[0]!.headers['content-type'], 'application/json')
  })

  test(`a base URL may have a path of its own (${dialect})`, async (context) => {
    const provider = await answersBoth(context)
    await openAdapter(context, { dialect, baseUrl: `${provider.url}/team/v1/`, apiKey: 'k' }).ask(call())
    assert.ok(provider.asked[0]!.path.startsWith('/team/v1/'), provider.asked[0]!.path)
    assert.ok(!provider.asked[0]!.path.includes('//'), provider.asked[0]!.path)
  })

  test(`an error keeps the provider’s words (${dialect})`, async (context) => {
    const error = { type: 'invalid_request_error', code: 'too_long', message: 'Too long.' }
    const provider = await pretendProvider(context, (response) => sendJson(response, 400, { type: 'error', error }))
    const reply = await openAdapter(context, { dialect, baseUrl: provider.url, apiKey: 'k' }).ask(call())
    assert.equal(reply.status, 400)
    assert.deepEqual([reply.answer?.error?.type, reply.answer?.error?.message], [error.type, error.message])
  })
}

test('the first event sets the time to first token, not a comment before it', async (context) => {
  const provider = await pretendProvider(context, async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': waiting\n\n')
    await sleep(60)
    for (const each of chatChunks(['Hi'])) {
      response.write(`data: ${typeof each === 'string' ? each : JSON.stringify(each)}\n\n`)
    }
    response.end()
  })
  const adapter = openAdapter(context, { dialect: 'openai', baseUrl: provider.url, apiKey: 'k' })
  const reply = await adapter.ask(call())
  assert.ok(reply.ttftMs! >= 55, `ttft ${reply.ttftMs}`)
  assert.equal(reply.chunks.length, chatChunks(['Hi']).length)
  assert.equal(
    reply.chunks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    reply.sizeBytes,
  )
})

test('a JSON answer’s time to first token is that of its first byte', async (context) => {
  const provider = await pretendProvider(context, async (response) => {
    const text = JSON.stringify(chatCompletion('Hi'))
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write(text.slice(0, 10))
    await sleep(60)
    response.end(text.slice(10))
  })
  const reply = await openAdapter(context, { dialect: 'openai', baseUrl: provider.url, apiKey: 'k' }).ask(call())
  assert.ok(reply.ttftMs! < 50 && reply.totalMs! >= 55, `ttft ${reply.ttftMs}, total ${reply.totalMs}`)
  assert.equal(reply.answer?.text, 'Hi')
})

test('a packed answer is read as it was before it was packed', async (context) => {
  const provider = await pretendProvider(context, (response, { headers }) => {
    assert.match(String(headers['accept-encoding']), /gzip/)
    const packed = gzipSync(JSON.stringify(chatCompletion('Hi')))
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(packed)
  })
  const reply = await openAdapter(context, { dialect: 'openai', baseUrl: provider.url, apiKey: 'k' }).ask(call())
  assert.deepEqual([reply.end, reply.answer?.text], ['complete', 'Hi'])
  assert.equal(reply.sizeBytes, JSON.stringify(chatCompletion('Hi')).length)
})

test('an answer that cannot be unpacked is broken', async (context) => {
  const provider = await pretendProvider(context, (response) => {
    const packed = gzipSync(JSON.stringify(chatCompletion('Hi'))).subarray(0, 30)
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(packed)
  })
  const reply = await openAdapter(context, { dialect: 'openai', baseUrl: provider.url, apiKey: 'k' }).ask(call())
  assert.equal(reply.end, 'broken')
})

test('a call that ran out of time stays one, with what had arrived', async (context) => {
  const provider = await pretendProvider(context, (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`data: ${JSON.stringify(chatChunks(['Hi'])[0])}\n\n`)
  })
  const adapter = openAdapter(context, { dialect: 'openai', baseUrl: provider.url, apiKey: 'k' })
  const reply = await adapter.ask(call({ timeoutMs: 300 }))
  assert.deepEqual([reply.end, reply.status, reply.chunks.length], ['timeout', 200, 1])
})

test('a call that nobody answers runs out of time without a head', async (context) => {
  const provider = await pretendProvider(context, () => {})
  const adapter = openAdapter(context, { dialect: 'openai', baseUrl: provider.url, apiKey: 'k' })
  const reply = await adapter.ask(call({ timeoutMs: 300 }))
  assert.deepEqual([reply.end, reply.status, reply.answer], ['timeout', null, null])
})

test('a key that no header can hold is a mistake in the config', async (context) => {
  const adapter = openAdapter(context, { dialect: 'openai', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'a\nb' })
  await assert.rejects(adapter.ask(call()), { code: 'CONFIG_INVALID' })
})

test('a call that is told to stop rejects and breaks its connection', async (context) => {
  const closed = Promise.withResolvers<void>()
  const provider = await pretendProvider(context, (response) => void response.on('close', closed.resolve))
  const stop = new AbortController()
  const adapter = openAdapter(context, { dialect: 'anthropic', baseUrl: provider.url, apiKey: 'k' })
  const asking = assert.rejects(adapter.ask(call({ signal: stop.signal })), { code: 'STAGE_STOPPING' })
  await askedTimes(provider, 1)
  stop.abort()
  await asking
  await closed.promise
})

test('a call that begins after the stop is not sent', async (context) => {
  const provider = await answersBoth(context)
  const adapter = openAdapter(context, { dialect: 'openai', baseUrl: provider.url, apiKey: 'k' })
  await assert.rejects(adapter.ask(call({ signal: AbortSignal.abort() })), { code: 'STAGE_STOPPING' })
  assert.equal(provider.asked.length, 0)
})

test('a provider is asked in the recorded dialect where its family has it, at the endpoint of that dialect', async (context) => {
  const answers: Record<string, object> = {
    '/responses': aResponse('Hi'),
    '/completions': { model: 'm', choices: [{ index: 0, text: 'Hi', finish_reason: 'stop' }] },
    '/embeddings': { model: 'm', data: [{ embedding: [1, 0] }], usage: { prompt_tokens: 1, total_tokens: 1 } },
    '/chat/completions': chatCompletion('Hi'),
    '/messages': message([{ type: 'text', text: 'Hi' }]),
  }
  const provider = await pretendProvider(context, (response, { path }) =>
    sendJson(response, 200, answers[path.replace(/^\/(team\/)?v1/, '')]!),
  )
  const asked = async (family: ProviderAccess['dialect'], recorded: Dialect) => {
    const baseUrl = family === 'openai' ? `${provider.url}/team/v1` : provider.url
    const adapter = openAdapter(context, { dialect: family, baseUrl, apiKey: 'k' }, recorded)
    const { answer } = await adapter.ask(call({ body: '{"model":"m"}' }))
    return [recorded, adapter.dialect, provider.asked.at(-1)!.path, answer?.text, answer?.outcome]
  }
  const seen = []
  for (const recorded of Dialect.options) seen.push(await asked('openai', recorded))
  assert.deepEqual(seen, [
    ['openai-chat', 'openai-chat', '/team/v1/chat/completions', 'Hi', 'ok'],
    ['openai-responses', 'openai-responses', '/team/v1/responses', 'Hi', 'ok'],
    ['openai-completions', 'openai-completions', '/team/v1/completions', 'Hi', 'ok'],
    ['openai-embeddings', 'openai-embeddings', '/team/v1/embeddings', '', 'ok'],
    ['anthropic-messages', 'openai-chat', '/team/v1/chat/completions', 'Hi', 'ok'],
  ])
  for (const recorded of Dialect.options) {
    const elsewhere = await asked('anthropic', recorded)
    assert.deepEqual(elsewhere.slice(1, 4), ['anthropic-messages', '/v1/messages', 'Hi'])
  }
})
