import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { type Observation } from '../../../shared/contracts/observation.ts'
import { adviceOf } from '../../../shared/providers/retry-advice.ts'
import { aConfig, anExchange, observationOf, openArms, replay } from './builders.ts'
import {
  askedTimes,
  chatChunks,
  chatCompletion,
  chatError,
  pretendProvider,
  type Script,
  sendEvents,
  sendJson,
} from './pretend-provider.ts'

type Seen = Observation & { asked: number; gapsMs: number[] }

async function observe(context: TestContext, script: Script, timeoutMs = 5000): Promise<Seen> {
  const provider = await pretendProvider(context, script)
  const candidates = [{ name: 'one', provider: 'openai', model: 'm', timeoutMs }]
  const arms = openArms(context, aConfig({ openai: provider.url }, { control: false, candidates }))
  const seen = observationOf(await replay(anExchange(), arms), 'one')
  const gapsMs = provider.asked.slice(1).map(({ atMs }, index) => atMs - provider.asked[index]!.atMs)
  return { ...seen, asked: provider.asked.length, gapsMs }
}

/** Refuses the first so many requests, then answers. */
const refuses =
  (times: number, status: number, headers: object): Script =>
  (response, _, nth) =>
    nth < times
      ? sendJson(response, status, chatError('busy'), headers)
      : sendJson(response, 200, chatCompletion('Blue.'))

test('retry-after is honoured, and the wait is counted apart from the model’s time', async (context) => {
  const seen = await observe(context, refuses(1, 429, { 'retry-after': '1' }))
  assert.deepEqual([seen.outcome, seen.attempts, seen.asked], ['answered', 2, 2])
  assert.ok(seen.gapsMs[0]! >= 990, `waited ${seen.gapsMs[0]} ms`)
  assert.ok(seen.waitedMs >= 990)
  assert.ok(seen.totalMs! < 900, `total ${seen.totalMs} ms is of the last attempt`)
})

for (const status of [408, 409, 429, 500, 502, 503, 529]) {
  test(`a status of ${status} is tried again`, async (context) => {
    const seen = await observe(context, refuses(1, status, { 'retry-after-ms': '5' }))
    assert.deepEqual([seen.outcome, seen.attempts], ['answered', 2])
  })
}

test('three attempts are all there are', async (context) => {
  const seen = await observe(context, refuses(9, 503, { 'retry-after-ms': '5' }))
  assert.deepEqual([seen.outcome, seen.failureKind, seen.attempts, seen.asked], ['failed', 'overloaded', 3, 3])
})

test('a wait longer than the arm’s timeout is not made', async (context) => {
  const seen = await observe(context, refuses(9, 429, { 'retry-after': '3600' }), 1000)
  assert.deepEqual([seen.failureKind, seen.attempts, seen.waitedMs < 50], ['rate_limited', 1, true])
})

test('the provider’s word against trying again is heeded', async (context) => {
  const seen = await observe(context, refuses(9, 500, { 'x-should-retry': 'false' }))
  assert.deepEqual([seen.failureKind, seen.attempts], ['server_error', 1])
})

test('an answer that began is never asked for again', async (context) => {
  const seen = await observe(context, (response) => sendEvents(response, chatChunks(['Bl']).slice(0, 1)))
  assert.deepEqual([seen.failureKind, seen.asked], ['incomplete_stream', 1])
})

test('a head without a body is tried again', async (context) => {
  const seen = await observe(context, async (response, _, nth) => {
    if (nth > 0) return sendJson(response, 200, chatCompletion('Blue.'))
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    await sleep(20)
    response.destroy()
  })
  assert.deepEqual([seen.outcome, seen.attempts], ['answered', 2])
})

test('a pause the provider asked for is kept by the arm’s other calls', async (context) => {
  const provider = await pretendProvider(context, refuses(1, 429, { 'retry-after-ms': '1500' }))
  const arms = openArms(context, aConfig({ openai: provider.url }, { control: false }))
  const first = replay(anExchange(), arms)
  await askedTimes(provider, 1)
  // The refusal is on its way back.
  await sleep(100)
  const second = await replay(anExchange(), arms)
  await first
  assert.ok(observationOf(second, 'mini').waitedMs >= 150)
  assert.equal(provider.asked.length, 3)
})

test('retry-after is read as seconds, as a date and in milliseconds', () => {
  const nowMs = Date.parse('2026-01-01T00:00:00Z')
  const waitOf = (headers: Record<string, string>) =>
    adviceOf({ get: (name) => headers[name] ?? null }, nowMs).retryAfterMs
  assert.equal(waitOf({ 'retry-after': '1.5' }), 1500)
  assert.equal(waitOf({ 'retry-after': 'Thu, 01 Jan 2026 00:00:07 GMT' }), 7000)
  assert.equal(waitOf({ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }), 0)
  assert.equal(waitOf({ 'retry-after-ms': '20', 'retry-after': '3' }), 20)
  for (const useless of ['', 'soon', '-1', 'Infinity']) assert.equal(waitOf({ 'retry-after': useless }), null, useless)
  assert.equal(waitOf({}), null)
})
