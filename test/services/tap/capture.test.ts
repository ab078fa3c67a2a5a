import { deepEqual, equal, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { tenantIdOf } from '../../../services/tap/conversation.ts'
import {
  chatAnswer,
  chatEvents,
  chatRequest,
  exchangesIn,
  ledgerIn,
  send,
  startRawUpstream,
  startTestTap,
  startUpstream,
  until,
  valuesOf,
  type Sent,
  type TapOverrides,
} from './tap-kit.ts'

const chat = '/openai/v1/chat/completions'

type Answer = { status?: number; headers?: Record<string, string>; body?: string | Buffer }

async function startAnswering(context: TestContext, answer: Answer, overrides: TapOverrides = {}) {
  const { status = 200, headers = { 'content-type': 'application/json' }, body = chatAnswer } = answer
  const upstream = await startUpstream(context, (request, response) => {
    request.resume().on('end', () => response.writeHead(status, headers).end(body))
  })
  return startTestTap(context, upstream, overrides)
}

async function captureOne(context: TestContext, sent: Sent, answer: Answer = {}, overrides: TapOverrides = {}) {
  const tap = await startAnswering(context, answer, overrides)
  await send(tap.url, { path: chat, body: chatRequest, ...sent })
  await until(() => exchangesIn(tap.log).length === 1)
  return exchangesIn(tap.log)[0]!
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')

for (const [coding, body] of [
  ['gzip', gzipSync(chatEvents(['a', 'b']).join(''))],
  ['br', brotliCompressSync(chatEvents(['a', 'b']).join(''))],
] as const) {
  test(`a stream compressed with ${coding} is captured decoded`, async (context) => {
    const headers = { 'content-type': 'text/event-stream', 'content-encoding': coding }
    const { served } = await captureOne(context, {}, { headers, body })

    equal(served.body.data, chatEvents(['a', 'b']).join(''))
    equal(served.answer!.text, 'ab')
    equal(served.chunks.length, 5)
  })
}

test('a compressed stream that was cut is captured as far as it goes', async (context) => {
  const whole = gzipSync(chatEvents(Array.from({ length: 200 }, (_, i) => `word${i} `)).join(''))
  const upstream = await startRawUpstream(context, (socket) => {
    socket.once('data', () => {
      const head = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\ncontent-length: ${whole.length}\r\n\r\n`
      socket.write(Buffer.concat([Buffer.from(head), whole.subarray(0, whole.length / 2)]), () => socket.destroy())
    })
  })
  const tap = await startTestTap(context, upstream)

  await send(tap.url, { path: chat, body: chatRequest })

  await until(() => exchangesIn(tap.log).length === 1)
  const { served } = exchangesIn(tap.log)[0]!
  equal(served.end, 'upstream_aborted')
  ok(served.answer!.text.startsWith('word0 word1 '))
  equal(served.answer!.outcome, 'incomplete_stream')
})

test('an answer that is not UTF-8 is kept byte for byte in full mode', async (context) => {
  const body = Buffer.from([0xff, 0x00, 0xc3])
  const { served } = await captureOne(context, {}, { body }, { tap: { capture: { mode: 'full' } } })

  equal(served.body.encoding, 'base64')
  deepEqual(Buffer.from(served.body.data!, 'base64'), body)
})

test('a failure of the provider is captured with its words', async (context) => {
  const body = '{"error":{"type":"rate_limit_error","code":"slow","message":"slow down"}}'
  const headers = { 'content-type': 'application/json', 'retry-after': '7', 'set-cookie': 'canary' }
  const { served } = await captureOne(context, {}, { status: 429, headers, body })

  equal(served.status, 429)
  equal(served.answer!.outcome, 'error')
  equal(served.answer!.error!.type, 'rate_limit_error')
  deepEqual(served.headers, { 'content-type': 'application/json', 'retry-after': '7' })
})

test('a body over the cap passes whole; its copy is marked, with the size and hash of the original', async (context) => {
  const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'x'.repeat(100_000) }] })
  const tap = { capture: { mode: 'full', maxBodyBytes: 10_000 } }
  const { request } = await captureOne(context, { body, headers: { 'content-length': `${body.length}` } }, {}, { tap })

  deepEqual(request.body, {
    encoding: 'utf8',
    data: body.slice(0, 10_000),
    sizeBytes: body.length,
    sha256: sha256(body),
    truncated: true,
  })
})

test('a body over the cap is not kept at all where it should have been masked', async (context) => {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: `a@x.org ${'x'.repeat(20_000)}` }] })
  const { request } = await captureOne(context, { body }, {}, { tap: { capture: { maxBodyBytes: 10_000 } } })

  equal(request.body.data, null)
  equal(request.body.truncated, true)
})

test('what is masked in the request is masked alike in the answer, and nothing else changes', async (context) => {
  const content = 'write to jane@x.org or joe@x.org, n = 9007199254740993'
  const body = `{"model":"gpt-4o","seed":9007199254740993,"messages":[{"role":"user","content":${JSON.stringify(content)}}]}`
  const answer = chatAnswer.replace('Hello there', 'I wrote to joe@x.org')
  const { request, served } = await captureOne(context, { body }, { body: answer })

  equal(request.body.data, body.replace('jane@x.org', '[EMAIL_1]').replace('joe@x.org', '[EMAIL_2]'))
  equal(request.body.sizeBytes, Buffer.byteLength(request.body.data ?? ''))
  equal(served.answer!.text, 'I wrote to [EMAIL_2]')
  equal(served.body.data, answer.replace('joe@x.org', '[EMAIL_2]'))
})

test('a secret split over the deltas of a stream is masked, and the raw stream is not kept', async (context) => {
  const headers = { 'content-type': 'text/event-stream' }
  const body = chatEvents(['mail ja', 'ne@', 'x.o', 'rg now']).join('')
  const { served } = await captureOne(context, {}, { headers, body })

  equal(served.answer!.text, 'mail [EMAIL_1] now')
  deepEqual(served.body, {
    encoding: 'utf8',
    data: null,
    sizeBytes: body.length,
    sha256: sha256(body),
    truncated: false,
  })
  equal(served.chunks.length, 7)
})

test('in metadata mode no word of request or answer is published, sizes, hashes, usage and timing are', async (context) => {
  const { request, served } = await captureOne(context, {}, {}, { tap: { capture: { mode: 'metadata' } } })

  deepEqual([request.body.data, served.body.data, served.answer!.text], [null, null, ''])
  equal(request.body.sha256, sha256(chatRequest))
  equal(served.body.sizeBytes, chatAnswer.length)
  equal(served.answer!.usage.outputTokens, 3)
  ok(served.totalMs !== null)
})

for (const mode of ['full', 'redacted', 'metadata']) {
  test(`credentials are in no byte of what is published or logged in ${mode} mode`, async (context) => {
    const lines: string[] = []
    const { pino } = await import('pino')
    const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
    const overrides = {
      logger,
      tap: { capture: { mode } },
      routes: [{ name: 'canary', match: { headers: { 'x-team': 'blue' } } }],
    }
    const tap = await startAnswering(
      context,
      { headers: { 'set-cookie': 'CANARY-9', 'x-other': 'CANARY-8' } },
      overrides,
    )
    const headers = {
      authorization: 'Bearer CANARY-1',
      'x-api-key': 'CANARY-2',
      'api-key': 'CANARY-3',
      cookie: 'session=CANARY-4',
      'proxy-authorization': 'CANARY-5',
      'x-unknown': 'CANARY-6',
      'x-understudy-conversation': 'CANARY-7',
      'x-team': 'blue',
    }

    for (const path of [chat, '/anthropic/v1/messages', '/openai/v1/models?key=CANARY-A']) {
      await send(tap.url, {
        path: `${path}?key=CANARY-B&api-key=CANARY-C&api-version=2024-10-21&CANARY-D`,
        headers,
        body: chatRequest,
      })
    }
    await tap.stop()

    const written = tap.log.published.map(({ record }) => record.key + String(record.value)).join('\n') + lines.join('')
    ok(!written.includes('CANARY'), written)
    deepEqual(
      exchangesIn(tap.log).map(({ request, route }) => [request.path, route]),
      ['/v1/chat/completions', '/v1/messages'].map((path) => [
        `${path}?key=[MASKED]&api-key=[MASKED]&api-version=2024-10-21&[MASKED]`,
        'canary',
      ]),
    )
  })
}

const conversationTurn = (extra: object, content = 'hello') =>
  JSON.stringify({
    model: 'm',
    messages: [{ role: 'user', content }, ...('more' in extra ? [{ role: 'assistant', content: 'a' }] : [])],
    ...extra,
  })

test('exchanges of one conversation share an id: by header, else by user, else by the opening', async (context) => {
  const tap = await startAnswering(context, {})
  const ids: string[] = []
  for (const [body, headers] of [
    [conversationTurn({}), { 'x-understudy-conversation': 'c' }],
    [conversationTurn({ user: 'u' }), { 'x-understudy-conversation': 'c' }],
    [conversationTurn({ user: 'u' }), {}],
    [conversationTurn({ user: 'u' }, 'other'), {}],
    [conversationTurn({}), {}],
    [conversationTurn({ more: true }), {}],
    [conversationTurn({}, 'other'), {}],
  ] as const) {
    const before = ids.length
    await send(tap.url, { path: chat, body, headers })
    await until(() => exchangesIn(tap.log).length === before + 1)
    ids.push(exchangesIn(tap.log)[before]!.conversationId)
  }

  deepEqual(
    ids.map((id) => ids.indexOf(id)),
    [0, 0, 2, 2, 4, 4, 6],
  )
  ok(!ids.some((id) => ['c', 'u', 'hello'].includes(id)))
})

test('the first route that matches names the exchange, its task and its lines of the ledger', async (context) => {
  const routes = [
    { name: 'blue', match: { headers: { 'x-team': 'bl*' }, upstream: 'openai' }, task: 'label' },
    { name: 'mini', match: { model: 'gpt-4o-*' }, task: 'text' },
    { name: 'claude', match: { path: '/v1/messages' } },
  ]
  const tap = await startAnswering(context, {}, { routes })
  const mini = chatRequest.replace('gpt-4o', 'gpt-4o-mini')
  for (const sent of [
    { path: chat, body: mini, headers: { 'X-Team': 'blue' } },
    { path: chat, body: mini },
    { path: '/anthropic/v1/messages', body: chatRequest },
    { path: chat, body: chatRequest },
  ]) {
    await send(tap.url, sent)
  }
  await tap.stop()

  deepEqual(
    exchangesIn(tap.log).map(({ route, task }) => [route, task]),
    [
      ['blue', 'label'],
      ['mini', 'text'],
      ['claude', null],
      ['default', null],
    ],
  )
  const published = ledgerIn(tap.log).filter(({ outcome }) => outcome === 'published')
  deepEqual(published.map(({ route, count }) => `${route} ${count}`).toSorted(), [
    'blue 1',
    'claude 1',
    'default 1',
    'mini 1',
  ])
})

test('opted out, unsupported and sampled out exchanges pass, are counted, and leave no record', async (context) => {
  const tap = await startAnswering(context, {}, { tap: { sample: { rate: 1e-12 } } })
  const replies = []
  for (const sent of [
    { path: chat, body: chatRequest, headers: { 'X-Understudy': 'OFF' } },
    { path: '/openai/v1/models', method: 'GET' },
    { path: '/openai/v1/audio/speech', body: '{}' },
    { path: chat, body: chatRequest },
  ]) {
    replies.push(await send(tap.url, sent))
  }
  await tap.stop()

  ok(replies.every(({ status, body }) => status === 200 && body.toString() === chatAnswer))
  deepEqual(valuesOf(tap.log, 'exchanges'), [])
  const counts = ledgerIn(tap.log).map(({ outcome, count }) => `${outcome} ${count}`)
  deepEqual(counts.toSorted(), ['opted_out 1', 'sampled_out 1', 'served 4', 'unsupported 2'])
})

test('tenants that the config names pass, are counted as opted out, and leave no record', async (context) => {
  const optOut = [{ header: 'X-Tenant', values: ['acme', 'globex'] }]
  const tap = await startAnswering(context, {}, { tap: { optOut } })
  const tenants = [' acme', 'globex', 'initech', 'ACME', undefined]
  const headers = tenants.map((tenant): Record<string, string> => (tenant === undefined ? {} : { 'x-tenant': tenant }))
  for (const each of headers) {
    const { body } = await send(tap.url, { path: chat, body: chatRequest, headers: each })
    equal(body.toString(), chatAnswer)
  }
  await tap.stop()

  equal(exchangesIn(tap.log).length, 3)
  ok(!valuesOf(tap.log, 'exchanges').some((record) => record.includes('initech')))
  const counts = ledgerIn(tap.log).map(({ outcome, count }) => `${outcome} ${count}`)
  deepEqual(counts.toSorted(), ['opted_out 2', 'published 3', 'served 5'])
})

test('the tenant that a header names is kept as a salted hash, the same for the same name, and is not to be read', async (context) => {
  const tap = await startAnswering(context, {}, { tap: { tenantHeader: 'X-Tenant' } })
  for (const tenant of ['initech', ' initech ', 'globex', null]) {
    const headers: Record<string, string> = tenant === null ? {} : { 'x-tenant': tenant }
    await send(tap.url, { path: chat, body: chatRequest, headers })
  }
  await tap.stop()

  const [one, again, other, none] = exchangesIn(tap.log).map(({ tenantId }) => tenantId)
  equal(one, again)
  equal(one, tenantIdOf('initech'))
  ok(other !== one && none === null)
  ok(!valuesOf(tap.log, 'exchanges').some((record) => record.includes('initech')))
})

test('what is sampled out is counted under the route that its model decides', async (context) => {
  const routes = [{ name: 'four', match: { model: 'gpt-4o' } }]
  const tap = await startAnswering(context, {}, { tap: { sample: { rate: 1e-12 } }, routes })
  await send(tap.url, { path: chat, body: chatRequest })
  await tap.stop()

  deepEqual(
    ledgerIn(tap.log).map(({ route, outcome }) => [route, outcome]),
    [
      ['four', 'served'],
      ['four', 'sampled_out'],
    ],
  )
})

test('sampling by conversation keeps or leaves whole conversations, and stores its probability', async (context) => {
  const tap = await startAnswering(context, {}, { tap: { sample: { rate: 0.5, by: 'conversation' } } })
  for (let i = 0; i < 60; i += 1) {
    const headers = { 'x-understudy-conversation': `c${i % 20}` }
    await send(tap.url, { path: chat, body: chatRequest, headers })
  }
  await tap.stop()

  const exchanges = exchangesIn(tap.log)
  const counts = Map.groupBy(exchanges, ({ conversationId }) => conversationId)
  ok(counts.size > 2 && counts.size < 18, `${counts.size} of 20 conversations`)
  ok([...counts.values()].every((group) => group.length === 3))
  ok(exchanges.every(({ sampleProbability }) => sampleProbability === 0.5))
  equal(tap.totals().sampled_out, 60 - exchanges.length)
})
