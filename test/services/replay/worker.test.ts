import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { once } from 'node:events'
import { test } from 'node:test'
import { type Exchange } from '../../../shared/contracts/exchange.ts'
import { ObservationSet } from '../../../shared/contracts/observation.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { decodeMessage } from '../../../shared/log/messages.ts'
import { type Delivery, type LogRecord } from '../../../shared/log/topic-log.ts'
import { createPace } from '../../../services/replay/pace.ts'
import { type ReplayArm } from '../../../services/replay/question.ts'
import { createWorker, type WorkerTools } from '../../../services/replay/worker.ts'
import { aConfig, anExchange, gateOf, nothingDone, openArms, tokenDollars } from './builders.ts'
import { askedTimes, chatCompletion, pretendProvider, type Script, sendJson } from './pretend-provider.ts'

const answers: Script = (response) => sendJson(response, 200, chatCompletion('Blue.'))
const goingOn = new AbortController().signal

function delivery(value: Exchange | string, offset = 0): Delivery {
  const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
  const place = { topic: 'exchanges', partition: 0, offset: String(offset) } as const
  return { ...place, key: 'some-key', value: bytes, headers: {}, publishedAtMs: 0 }
}

function aWorker(arms: readonly ReplayArm[], changes: Partial<WorkerTools> = {}) {
  const published: LogRecord[] = []
  const work = createWorker({
    arms,
    gate: gateOf(arms),
    state: nothingDone,
    prices: tokenDollars,
    pace: createPace('asap'),
    inFlight: 8,
    halted: goingOn,
    publish: (topic, records) => {
      assert.equal(topic, 'observations')
      published.push(...records)
      return Promise.resolve()
    },
    ...changes,
  })
  return { work, published, sets: () => published.map(({ value }) => decodeMessage(ObservationSet, value)) }
}

test('a batch resolves when the observations of each exchange are published under their conversation', async (context) => {
  const provider = await pretendProvider(context, answers)
  const worker = aWorker(openArms(context, aConfig({ openai: provider.url })))
  const exchanges = ['a', 'b'].map((conversationId) => anExchange(undefined, { conversationId }))

  await worker.work(exchanges.map(delivery), goingOn)

  assert.deepEqual(worker.published.map(({ key }) => key).toSorted(), ['a', 'b'])
  assert.deepEqual(
    worker.sets().map(({ observations }) => observations.map(({ outcome }) => outcome)),
    [1, 2].map(() => ['answered', 'answered']),
  )
})

test('no more exchanges are in hand than may be in flight', async (context) => {
  const provider = await pretendProvider(context, async (response, asked, nth) => {
    await sleep(10)
    await answers(response, asked, nth)
  })
  const worker = aWorker(openArms(context, aConfig({ openai: provider.url }, { control: false })), { inFlight: 3 })
  await worker.work(
    Array.from({ length: 10 }, (_, offset) => delivery(anExchange(), offset)),
    goingOn,
  )
  assert.equal(provider.mostAtOnce, 3)
  assert.equal(worker.published.length, 10)
})

test('a record that is no exchange is refused as such after the others were published, and those are not asked twice', async (context) => {
  const provider = await pretendProvider(context, answers)
  const worker = aWorker(openArms(context, aConfig({ openai: provider.url }, { control: false })))
  const batch = [delivery(anExchange(), 0), delivery('{"version":1,"secret":"canary"}', 1), delivery(anExchange(), 2)]

  await assert.rejects(worker.work(batch, goingOn), (err: UnderstudyError) => {
    assert.equal(err.code, 'MESSAGE_MALFORMED')
    assert.ok(!err.message.includes('canary'))
    return true
  })
  for (const each of [batch[0]!, batch[2]!]) await worker.work([each], goingOn)
  assert.equal(worker.published.length, 2)
  assert.equal(provider.asked.length, 2)
})

test('observations that could not be published are published later without asking again', async (context) => {
  const provider = await pretendProvider(context, answers)
  const published: LogRecord[] = []
  let isAway = true
  const worker = aWorker(openArms(context, aConfig({ openai: provider.url })), {
    publish: (_, records) => {
      if (isAway) return Promise.reject(new UnderstudyError('LOG_UNAVAILABLE', 'away'))
      published.push(...records)
      return Promise.resolve()
    },
  })
  const batch = [delivery(anExchange())]
  await assert.rejects(worker.work(batch, goingOn), { code: 'LOG_UNAVAILABLE', retryable: true })
  isAway = false
  await worker.work(batch, goingOn)
  assert.equal(published.length, 1)
  assert.equal(provider.asked.length, 2)
})

test('a passing trouble is told before a lasting one, so that the whole batch comes again', async (context) => {
  const provider = await pretendProvider(context, answers)
  const worker = aWorker(openArms(context, aConfig({ openai: provider.url })), {
    publish: () => Promise.reject(new UnderstudyError('LOG_UNAVAILABLE', 'away')),
  })
  await assert.rejects(worker.work([delivery('no', 0), delivery(anExchange(), 1)], goingOn), {
    code: 'LOG_UNAVAILABLE',
  })
})

test('while draining, calls in flight end and are published, and no other exchange begins', async (context) => {
  const draining = new AbortController()
  // Nobody is answered before the stop.
  const provider = await pretendProvider(context, async (response, asked, nth) => {
    if (!draining.signal.aborted) await once(draining.signal, 'abort')
    await answers(response, asked, nth)
  })
  const worker = aWorker(openArms(context, aConfig({ openai: provider.url }, { control: false })), { inFlight: 2 })
  const batch = Array.from({ length: 6 }, (_, offset) => delivery(anExchange(), offset))
  const working = worker.work(batch, draining.signal)
  await askedTimes(provider, 2)
  draining.abort()
  await assert.rejects(working, { code: 'STAGE_STOPPING', retryable: true })
  assert.equal(provider.asked.length, 2)
  assert.deepEqual(
    worker.sets().map(({ observations }) => observations[0]!.outcome),
    ['answered', 'answered'],
  )
})

test('calls that are broken off because we stop leave no observation behind', async (context) => {
  const halted = new AbortController()
  const provider = await pretendProvider(context, (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
  })
  const worker = aWorker(openArms(context, aConfig({ openai: provider.url })), { halted: halted.signal })
  const working = worker.work([delivery(anExchange())], goingOn)
  await askedTimes(provider, 2)
  halted.abort()
  await assert.rejects(working, { code: 'STAGE_STOPPING' })
  assert.equal(provider.asked.length, 2)
  assert.equal(worker.published.length, 0)
})

test('a retry that would wait through the stop is given up instead', async (context) => {
  const provider = await pretendProvider(context, (response) => sendJson(response, 503, {}, { 'retry-after': '30' }))
  const worker = aWorker(openArms(context, aConfig({ openai: provider.url })))
  const draining = new AbortController()
  const working = worker.work([delivery(anExchange())], draining.signal)
  await askedTimes(provider, 2)
  draining.abort()
  await assert.rejects(working, { code: 'STAGE_STOPPING' })
  assert.equal(worker.published.length, 0)
})

test('an exchange whose turn has not come when the stage stops is left for the next delivery', async (context) => {
  const provider = await pretendProvider(context, answers)
  const draining = new AbortController()
  const worker = aWorker(openArms(context, aConfig({ openai: provider.url }, { control: false })), {
    pace: createPace('live'),
  })
  const [first, second] = ['2026-11-20T10:00:00.000Z', '2026-12-31T10:00:00.000Z'].map((capturedAt, offset) =>
    delivery(anExchange(undefined, { capturedAt }), offset),
  )
  const working = worker.work([first!, second!], draining.signal)
  await askedTimes(provider, 1)
  draining.abort()
  await assert.rejects(working, { code: 'STAGE_STOPPING', retryable: true })
  assert.equal(provider.asked.length, 1)
})

test('an exchange that was erased is not asked again, and the others of its batch are', async (context) => {
  const provider = await pretendProvider(context, answers)
  const arms = openArms(context, aConfig({ openai: provider.url }, { control: false }))
  const [kept, gone] = [anExchange(), anExchange()]
  const erasures = {
    isEmpty: () => Promise.resolve(false),
    areErased: (abouts: readonly ({ exchangeId: string | null } | null)[]) =>
      Promise.resolve(abouts.map((about) => about?.exchangeId === gone.exchangeId)),
  }
  const { work, published } = aWorker(arms, { erasures })

  await work([delivery(gone, 0), delivery(kept, 1)], goingOn)

  assert.equal(provider.asked.length, 1)
  assert.deepEqual(
    published.map(({ value }) => decodeMessage(ObservationSet, value).exchange.exchangeId),
    [kept.exchangeId],
  )
})
