import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { type Totals } from '../../../services/tap/ledger.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type TopicLog } from '../../../shared/log/topic-log.ts'
import {
  chatAnswer,
  chatEvents,
  chatRequest,
  createMemoryLog,
  exchangesIn,
  ledgerIn,
  send,
  startTestTap,
  startUpstream,
  until,
} from './tap-kit.ts'

const chat = '/openai/v1/chat/completions'
const events = chatEvents(['some', 'words'])

async function startStreaming(context: Parameters<typeof startUpstream>[0]): Promise<string> {
  return startUpstream(context, (request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const event of events) response.write(event)
      response.end()
    })
  })
}

function balance({ served, sampled_out, opted_out, unsupported, dropped, published, pending }: Totals): number {
  return served - sampled_out - opted_out - unsupported - dropped - published - pending
}

const unavailable = () => Promise.reject(new UnderstudyError('LOG_UNAVAILABLE', 'the broker is away'))

const brokenLogs: Record<string, TopicLog['publish']> = {
  'never answers': () => new Promise(() => {}),
  'is unavailable': unavailable,
  'throws at once': () => {
    throw new Error('bug')
  },
}

for (const [name, publish] of Object.entries(brokenLogs)) {
  test(`a log that ${name} changes nothing for clients, and every exchange is accounted for`, async (context) => {
    const upstream = await startStreaming(context)
    const direct = await send(upstream, { path: '/v1/chat/completions', body: chatRequest })
    const limits = { maxQueuedBytes: 30_000, ledgerIntervalMs: 5, publishTimeoutMs: 20 }
    const tap = await startTestTap(context, upstream, { log: createMemoryLog(publish), limits })

    for (let round = 0; round < 5; round += 1) {
      const replies = await Promise.all(
        Array.from({ length: 8 }, () => send(tap.url, { path: chat, body: chatRequest })),
      )
      for (const reply of replies) deepEqual([reply.status, reply.body, reply.complete], [200, direct.body, true])
    }
    await until(() => tap.totals().served === 40)
    equal(balance(tap.totals()), 0)
    ok(tap.totals().dropped > 0, 'the bound was reached')
    await tap.stop()

    const totals = tap.totals()
    deepEqual([totals.served, totals.dropped, totals.published, totals.pending], [40, 40, 0, 0])
  })
}

test('when the log comes back, what was kept is published and the ledger balances to the last exchange', async (context) => {
  let away = true
  const log = createMemoryLog()
  const reachable = { publish: log.publish.bind(log) }
  log.publish = (topic, records) => (away ? unavailable() : reachable.publish(topic, records))
  const upstream = await startStreaming(context)
  const limits = { maxQueuedBytes: 40_000, ledgerIntervalMs: 5 }
  const tap = await startTestTap(context, upstream, { log, limits })

  for (let i = 0; i < 30; i += 1) await send(tap.url, { path: chat, body: chatRequest })
  away = false
  await until(() => tap.totals().pending === 0)
  await tap.stop()

  const counted = (wanted: string) =>
    ledgerIn(log).reduce((sum, { outcome, count }) => sum + (outcome === wanted ? count : 0), 0)
  equal(counted('served'), 30)
  equal(counted('published'), exchangesIn(log).length)
  equal(counted('dropped') + counted('published'), 30)
  ok(counted('dropped') > 0 && counted('published') > 0)
  equal(new Set(ledgerIn(log).map(({ entryId }) => entryId)).size, ledgerIn(log).length)
})

test('a record the log refuses costs that record alone', async (context) => {
  const log = createMemoryLog()
  const accepting = { publish: log.publish.bind(log) }
  log.publish = async (topic, records) => {
    const tooLarge = records.some(({ value }) => String(value).includes('elephant'))
    if (tooLarge) throw new UnderstudyError('LOG_RECORD_TOO_LARGE', 'too large')
    await accepting.publish(topic, records)
  }
  const tap = await startTestTap(context, await startStreaming(context), { log })

  const bodies = ['a', 'elephant', 'b'].map((word) => chatRequest.replace('hello', word))
  await Promise.all(bodies.map((body) => send(tap.url, { path: chat, body })))
  await tap.stop()

  equal(exchangesIn(log).length, 2)
  deepEqual(tap.totals().droppedByReason, { record_too_large: 1 })
})

test('stop lets running answers end, publishes them, and refuses new connections', async (context) => {
  const [allBegun, stopBegun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let begun = 0
  const upstream = await startUpstream(context, (request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(events[0])
    if (++begun === 10) allBegun.resolve()
    void stopBegun.promise.then(() => response.end(events.slice(1).join('')))
  })
  const tap = await startTestTap(context, upstream, { limits: { drainTimeoutMs: 20_000 } })

  const running = Array.from({ length: 10 }, () => send(tap.url, { path: chat, body: chatRequest }))
  await allBegun.promise
  const stopping = tap.stop()
  await rejects(send(tap.url, { path: chat, body: chatRequest }))
  stopBegun.resolve()
  const replies = await Promise.all(running)
  await stopping

  ok(replies.every(({ complete, body }) => complete && body.toString() === events.join('')))
  equal(exchangesIn(tap.log).length, 10)
  equal(tap.totals().published, 10)
})

test('stop does not wait for ever for an answer that never ends', async (context) => {
  const begun = Promise.withResolvers<void>()
  const upstream = await startUpstream(context, (_, response) => {
    response.writeHead(200).write('a')
    begun.resolve()
  })
  const tap = await startTestTap(context, upstream, { limits: { drainTimeoutMs: 50 } })
  const hanging = send(tap.url, { path: chat, body: chatRequest })
  await begun.promise

  await tap.stop()

  equal((await hanging).complete, false)
  equal(exchangesIn(tap.log)[0]!.served.end, 'client_aborted')
})

test('a taken port is named, with the cure', async (context) => {
  const upstream = await startUpstream(context, (_, response) => void response.end(chatAnswer))
  const taken = new URL(upstream).host

  await rejects(
    startTestTap(context, upstream, { tap: { listen: taken } }),
    (err: UnderstudyError) => err.code === 'PORT_TAKEN' && err.message.includes(taken),
  )
})

const hostile = {
  'a hundred thousand nested arrays': `{"model":"m","messages":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  '__proto__ as a key':
    '{"model":"m","__proto__":{"streamed":true},"messages":[{"__proto__":{"role":"user"},"content":"x"}]}',
  'lone surrogates': '{"model":"\\ud800","user":"\\udfff","messages":"\\ud800"}',
  'no JSON at all': '\u0000{{',
  'numbers beyond all bounds': '{"model":1e400,"messages":9007199254740993,"stream":-0}',
}

for (const [name, body] of Object.entries(hostile)) {
  test(`a request of ${name} is served, and captured or counted as dropped`, async (context) => {
    const tap = await startTestTap(context, await startStreaming(context))

    const reply = await send(tap.url, { path: chat, body })
    await send(tap.url, { path: chat, body: chatRequest })
    await tap.stop()

    equal(reply.body.toString(), events.join(''))
    const { served, published, dropped } = tap.totals()
    deepEqual([served, published + dropped], [2, 2])
    equal(({} as { streamed?: boolean }).streamed, undefined)
    equal(exchangesIn(tap.log).at(-1)!.request.body.data, chatRequest)
  })
}
