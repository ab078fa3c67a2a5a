import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { UnderstudyError } from '../../../shared/errors.ts'
import { chatAnswer, chatRequest, createMemoryLog, send, startTestTap, startUpstream, until } from './tap-kit.ts'

const chatPath = '/openai/v1/chat/completions'

/** Every sample by its name and labels as they are written. */
async function samplesOf(opsUrl: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${opsUrl}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

test('exchanges are counted by what became of them, and what the tap added to each is measured', async (t) => {
  const upstream = await startUpstream(t, (request, response) => {
    request.resume()
    response.setHeader('content-type', 'application/json').end(chatAnswer)
  })
  const tap = await startTestTap(t, upstream, { tap: { ops: '127.0.0.1:0' } })
  await send(tap.url, { path: chatPath, body: chatRequest })
  await send(tap.url, { path: chatPath, body: chatRequest })
  await send(tap.url, { path: chatPath, body: chatRequest, headers: { 'x-understudy': 'off' } })
  await send(tap.url, { path: '/openai/v1/files', method: 'GET' })
  await until(() => tap.totals().published === 2 && tap.totals().pending === 0)
  const samples = await samplesOf(tap.opsUrl!)
  const exchanges = (outcome: string) => samples.get(`understudy_tap_exchanges_total{outcome="${outcome}"}`)
  deepEqual(['served', 'published', 'opted_out', 'unsupported', 'dropped'].map(exchanges), [4, 2, 1, 1, 0])
  equal(samples.get('understudy_tap_pending'), 0)
  equal(samples.get('understudy_tap_in_flight'), 0)
  equal(samples.get('understudy_tap_held_bytes'), 0)
  equal(samples.get('understudy_tap_log_up'), 1)
  equal(samples.get('understudy_tap_mirror_up'), 1)
  equal(samples.get('understudy_tap_added_seconds_count'), 4)
  ok(samples.get('understudy_tap_added_seconds_sum')! > 0)
})

test('the time a provider takes is not counted as the tap’s, and no answer is no measurement', async (t) => {
  const thinkingMs = 400
  const upstream = await startUpstream(t, (request, response) => {
    request.resume()
    if (request.url === '/v1/gone') response.destroy()
    setTimeout(() => {
      if (response.destroyed) return
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      setTimeout(() => response.end('data: [DONE]\n\n'), thinkingMs)
    }, thinkingMs)
  })
  const tap = await startTestTap(t, upstream, { tap: { ops: '127.0.0.1:0' } })
  await send(tap.url, { path: chatPath, body: chatRequest })
  await rejects(send(tap.url, { path: '/openai/v1/gone', method: 'GET' }), { code: 'ECONNRESET' })
  await until(() => tap.totals().served === 2)
  const samples = await samplesOf(tap.opsUrl!)
  equal(samples.get('understudy_tap_added_seconds_count'), 1)
  ok(samples.get('understudy_tap_added_seconds_sum')! < thinkingMs / 1_000)
})

test('what is under way and what is lost is seen from outside, with the reason', async (t) => {
  const answers = Promise.withResolvers<void>()
  const upstream = await startUpstream(t, (request, response) => {
    request.resume()
    void answers.promise.then(() => response.setHeader('content-type', 'application/json').end(chatAnswer))
  })
  const log = createMemoryLog(() => Promise.reject(new UnderstudyError('LOG_RECORD_TOO_LARGE', 'no')))
  const tap = await startTestTap(t, upstream, { tap: { ops: '127.0.0.1:0' }, log })
  const asked = send(tap.url, { path: chatPath, body: chatRequest })
  while ((await samplesOf(tap.opsUrl!)).get('understudy_tap_in_flight') !== 1) await sleep(5)
  answers.resolve()
  equal((await asked).status, 200)
  await until(() => tap.totals().dropped === 1)
  equal((await samplesOf(tap.opsUrl!)).get('understudy_tap_dropped_total{reason="record_too_large"}'), 1)
})

test('it is ready while it listens, not ready while it drains, and the data port knows none of these pages', async (t) => {
  const answers = Promise.withResolvers<void>()
  const upstream = await startUpstream(t, (request, response) => {
    request.resume()
    void answers.promise.then(() => response.end(chatAnswer))
  })
  const tap = await startTestTap(t, upstream, { tap: { ops: '127.0.0.1:0' }, limits: { drainTimeoutMs: 20_000 } })
  equal((await fetch(`${tap.opsUrl}/readyz`)).status, 200)
  for (const page of ['healthz', 'readyz', 'metrics']) equal((await fetch(`${tap.url}/${page}`)).status, 404)
  const asked = send(tap.url, { path: chatPath, body: chatRequest })
  while ((await samplesOf(tap.opsUrl!)).get('understudy_tap_in_flight') !== 1) await sleep(5)
  const stopped = tap.stop()
  const draining = await fetch(`${tap.opsUrl}/readyz`)
  equal(draining.status, 503)
  deepEqual(await draining.json(), { ready: false, listening: false, mirror: true })
  equal((await fetch(`${tap.opsUrl}/healthz`)).status, 200)
  answers.resolve()
  equal((await asked).complete, true)
  await stopped
  await rejects(fetch(`${tap.opsUrl}/healthz`))
})

test('a taken ops port ends the start, and the data port is free again', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end())
  const taken = new URL(upstream).host
  await rejects(startTestTap(t, upstream, { tap: { ops: taken } }), { code: 'PORT_TAKEN' })
  const probe = createHttpServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  await rejects(startTestTap(t, upstream, { tap: { listen: `127.0.0.1:${port}`, ops: taken } }), { code: 'PORT_TAKEN' })
  const tap = await startTestTap(t, upstream, { tap: { listen: `127.0.0.1:${port}` } })
  equal(tap.opsUrl, null)
})
