import { deepEqual, equal, match, rejects } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { type Fetch, tapFetch } from '../../../services/tap/fetch.ts'
import { chatAnswer, chatEvents, exchangesIn, startTestTap, startUpstream, until } from './tap-kit.ts'

/** A provider that keeps what it was asked. */
async function startProvider(
  context: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const seen: { url: string; body: string }[] = []
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    seen.push({ url: request.url!, body: await text(request) })
    answer(request, response)
  }
  const url = await startUpstream(context, (request, response) => void take(request, response))
  return { url, seen }
}

const json = (body: string) => (_request: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(body)

/** An address where nobody listens. */
async function nobody(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

const openaiAt = (baseUrl: string, fetch: Fetch) =>
  new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: 'sk-canary', maxRetries: 0, fetch })

/** Counts the calls to each origin. */
function counting(): { fetch: Fetch; origins: string[] } {
  const origins: string[] = []
  return {
    origins,
    fetch: (input, init) => {
      origins.push(new URL(input instanceof Request ? input.url : input).origin)
      return fetch(input, init)
    },
  }
}

test('the OpenAI client goes through the tap without knowing it, whole and streamed', async (context) => {
  const provider = await startProvider(context, (request, response) => {
    if (request.headers['x-stream'] === undefined) json(chatAnswer)(request, response)
    else response.writeHead(200, { 'content-type': 'text/event-stream' }).end(chatEvents(['Hel', 'lo']).join(''))
  })
  const tap = await startTestTap(context, provider.url)
  const client = openaiAt(provider.url, tapFetch({ tap: `${tap.url}/`, upstreams: { openai: `${provider.url}/` } }))
  const asked = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'hello' }] }

  const whole = await client.chat.completions.create(asked)
  const stream = await client.chat.completions.create({ ...asked, stream: true }, { headers: { 'x-stream': '1' } })
  let streamed = ''
  for await (const chunk of stream) streamed += chunk.choices[0]?.delta.content ?? ''

  deepEqual([whole.choices[0]!.message.content, streamed], ['Hello there', 'Hello'])
  await until(() => exchangesIn(tap.log).length === 2, 10_000)
  deepEqual(
    provider.seen.map(({ url }) => url),
    ['/v1/chat/completions', '/v1/chat/completions'],
  )
})

test('the Anthropic client goes through the tap without knowing it', async (context) => {
  const content = [{ type: 'text', text: 'Hi' }]
  const body = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-x', content, stop_reason: 'end_turn' }
  const provider = await startProvider(context, json(JSON.stringify(body)))
  const tap = await startTestTap(context, provider.url)
  const fetch = tapFetch({ tap: tap.url, upstreams: { anthropic: provider.url } })
  const client = new Anthropic({ baseURL: provider.url, apiKey: 'k', maxRetries: 0, fetch })

  const got = await client.messages.create({ model: 'claude-x', max_tokens: 50, messages: [] })

  deepEqual(got.content, content)
  await until(() => exchangesIn(tap.log).length === 1, 10_000)
  equal(exchangesIn(tap.log)[0]!.upstream, 'anthropic')
})

test('without a tap the client is answered by the provider', async (context) => {
  const provider = await startProvider(context, json(chatAnswer))
  const away = tapFetch({ tap: await nobody(), upstreams: { openai: provider.url } })

  const got = await openaiAt(provider.url, away).chat.completions.create({ model: 'gpt-4o', messages: [] })

  equal(got.choices[0]!.message.content, 'Hello there')
  equal(provider.seen.length, 1)
})

test('every shape of a request reaches the provider whole when the tap is away', async (context) => {
  const provider = await startProvider(context, json('{}'))
  const away = () => nobody().then((tap) => tapFetch({ tap, upstreams: { openai: provider.url } }))
  const url = `${provider.url}/v1/x?a=1`
  const stream = () => new Blob(['hello']).stream()

  await (
    await away()
  )(url, { method: 'POST', body: 'hello' })
  await (
    await away()
  )(new URL(url), { method: 'POST', body: stream(), duplex: 'half' })
  await (
    await away()
  )(new Request(url, { method: 'POST', body: 'hello' }))
  await (
    await away()
  )(new Request(url, { method: 'POST', body: stream(), duplex: 'half' }))

  deepEqual(
    provider.seen,
    Array.from({ length: 4 }, () => ({ url: '/v1/x?a=1', body: 'hello' })),
  )
})

test('a stream of which something may have been sent is never sent again', async () => {
  const refusal = new TypeError('fetch failed', {
    cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
  })
  let calls = 0
  const fetch: Fetch = (_input, init) => {
    calls += 1
    ;(init!.body as ReadableStream).getReader()
    return Promise.reject(refusal)
  }
  const wrapped = tapFetch({ tap: 'http://127.0.0.1:9', upstreams: { openai: 'http://api.example' }, fetch })

  await rejects(wrapped('http://api.example/v1', { method: 'POST', body: new Blob(['x']).stream() }), refusal)
  equal(calls, 1)
})

test('a connection to the tap that breaks is an error as it is: the provider may have the request', async (context) => {
  const breaking = await startUpstream(context, (request) => void request.socket.destroy())
  const provider = await startProvider(context, json('{}'))

  await rejects(
    tapFetch({ tap: breaking, upstreams: { openai: provider.url } })(`${provider.url}/v1/x`),
    /fetch failed/,
  )
  equal(provider.seen.length, 0)
})

test('an abort ends the request and sends none to the provider', async (context) => {
  const arrived = Promise.withResolvers<void>()
  const silent = await startUpstream(context, () => arrived.resolve())
  const provider = await startProvider(context, json(chatAnswer))
  const controller = new AbortController()
  const client = openaiAt(provider.url, tapFetch({ tap: silent, upstreams: { openai: provider.url } }))

  const asked = client.chat.completions.create({ model: 'm', messages: [] }, { signal: controller.signal })
  await arrived.promise
  controller.abort()

  await rejects(asked, /aborted/i)
  equal(provider.seen.length, 0)
})

test('a tap that is away is not asked again for a while, and then it is', async (context) => {
  const provider = await startProvider(context, json('{}'))
  const tap = await nobody()
  const { fetch, origins } = counting()
  const upstreams = { openai: provider.url }
  const patient = tapFetch({ tap, upstreams, fetch, awayMs: 3_600_000 })
  const eager = tapFetch({ tap, upstreams, fetch, awayMs: 0 })

  for (const wrapped of [patient, patient, eager, eager]) await (await wrapped(`${provider.url}/v1/x`)).text()

  const [away, there] = [tap, provider.url]
  deepEqual(origins, [away, there, there, away, there, away, there])
})

test('only what is below an upstream goes to the tap, and the most exact upstream has it', async () => {
  const urls: string[] = []
  const fetch: Fetch = (input) => {
    urls.push(input instanceof Request ? input.url : String(input))
    return Promise.resolve(new Response())
  }
  const upstreams = { api: 'https://api.example', team: 'https://api.example/team/' }
  const wrapped = tapFetch({ tap: 'http://127.0.0.1:8787/', upstreams, fetch })

  for (const url of [
    'https://api.example/v1/chat?x=%2F',
    'https://API.example:443/team/v1',
    'https://api.example/teams',
    'https://api.example.org/v1',
    'http://api.example/v1',
    'data:,hello',
    '/relative',
  ]) {
    await wrapped(url)
  }

  deepEqual(urls, [
    'http://127.0.0.1:8787/api/v1/chat?x=%2F',
    'http://127.0.0.1:8787/team/v1',
    'http://127.0.0.1:8787/api/teams',
    'https://api.example.org/v1',
    'http://api.example/v1',
    'data:,hello',
    '/relative',
  ])
})

test('what the tap answers is the answer, refusals too', async (context) => {
  const provider = await startProvider(context, json('{}'))
  const tap = await startTestTap(context, provider.url)

  const response = await tapFetch({ tap: tap.url, upstreams: { nobody: provider.url } })(`${provider.url}/v1/x`)

  equal(response.status, 404)
  match(await response.text(), /understudy_unknown_upstream/)
})
