import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { DeadLetter } from '../../../shared/contracts/dead-letter.ts'
import { Exchange } from '../../../shared/contracts/exchange.ts'
import { ObservationSet } from '../../../shared/contracts/observation.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { decodeMessage, encodeMessage } from '../../../shared/log/messages.ts'
import { type Topic, type TopicLog } from '../../../shared/log/topic-log.ts'
import { silentLogger } from '../../../shared/logger.ts'
import { startReplay } from '../../../services/replay/main.ts'
import { aConfig, anExchange, tokenDollars } from './builders.ts'
import { chatCompletion, pretendProvider, type Script, sendJson } from './pretend-provider.ts'

const answers: Script = (response) => sendJson(response, 200, chatCompletion('Blue.'))

async function aLog(context: TestContext): Promise<TopicLog> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-replay-'))
  const log = await openTopicLog({ embedded: join(folder, 'log.db') }, { logger: silentLogger, clientId: 'test' })
  await log.prepare()
  context.after(async () => {
    await log.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return log
}

/** All records of a topic as they come. */
async function collect(log: TopicLog, topic: Topic): Promise<Buffer[]> {
  const values: Buffer[] = []
  await log.consume({
    topics: [topic],
    group: `test-${topic}`,
    maxBatch: 100,
    handle: (batch) => {
      values.push(...batch.map(({ value }) => value))
      return Promise.resolve()
    },
    onFatal: (err) => assert.fail(err),
  })
  return values
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 10_000
  while (!(await isSo())) {
    if (Date.now() > deadlineMs) assert.fail('did not come about in ten seconds')
    await sleep(20)
  }
}

const publish = (log: TopicLog, exchanges: Exchange[]) =>
  log.publish(
    'exchanges',
    exchanges.map((exchange) => ({ key: exchange.conversationId, value: encodeMessage(Exchange, exchange) })),
  )

const setsOf = (values: Buffer[]) => values.map((value) => decodeMessage(ObservationSet, value))
const start = (log: TopicLog, url: string, changes: object = {}) =>
  startReplay({ config: aConfig({ openai: url }, changes), log, logger: silentLogger, prices: tokenDollars })

test('an exchange in the log becomes one set of observations, and then its offset is committed', async (context) => {
  const provider = await pretendProvider(context, answers)
  const log = await aLog(context)
  const observations = await collect(log, 'observations')
  const running = await start(log, provider.url)
  const exchange = anExchange()

  await publish(log, [exchange])

  await until(async () => observations.length === 1 && (await log.lag('replay', 'exchanges')) === 0)
  const [set] = setsOf(observations)
  assert.deepEqual(set!.exchange, exchange)
  assert.deepEqual(
    set!.observations.map(({ arm, outcome }) => [arm, outcome]),
    [
      ['control', 'answered'],
      ['mini', 'answered'],
    ],
  )
  await running.stop()
  await running.stop()
})

test('exchanges of all partitions are asked at the same time, so that a slow call is waited for once', async (context) => {
  const limits = { concurrency: 64 }
  const release = Promise.withResolvers<void>()
  const provider = await pretendProvider(context, async (response, asked, nth) => {
    // More than one partition has: two arms of twelve exchanges.
    if (nth >= 23) release.resolve()
    await release.promise
    await answers(response, asked, nth)
  })
  const log = await aLog(context)
  const observations = await collect(log, 'observations')
  const exchanges = Array.from({ length: 16 }, (_, nth) =>
    anExchange(undefined, { conversationId: `conversation-${nth}` }),
  )
  await publish(log, exchanges)

  const running = await start(log, provider.url, {
    control: { provider: 'openai', limits },
    candidates: [{ name: 'mini', provider: 'openai', model: 'gpt-4o-mini', limits }],
  })
  await until(() => observations.length === 16)
  await running.stop()
})

test('a bad record becomes a dead letter and the next one is replayed', async (context) => {
  const provider = await pretendProvider(context, answers)
  const log = await aLog(context)
  const [observations, letters] = [await collect(log, 'observations'), await collect(log, 'dead-letters')]
  const good = anExchange()
  await log.publish('exchanges', [
    { key: good.conversationId, value: '{"version":1,"__proto__":{"polluted":true}}' },
    { key: good.conversationId, value: encodeMessage(Exchange, good) },
  ])
  const running = await start(log, provider.url)

  await until(async () => letters.length === 1 && (await log.lag('replay', 'exchanges')) === 0)
  await running.stop()
  const letter = decodeMessage(DeadLetter, letters[0]!)
  assert.deepEqual([letter.group, letter.errorCode], ['replay', 'MESSAGE_MALFORMED'])
  assert.equal(setsOf(observations)[0]?.exchange.exchangeId, good.exchangeId)
  assert.equal(provider.asked.length, 2)
})

test('an exchange that was asked when the stage stopped half-way is delivered again under the same ids', async (context) => {
  let isSilent = true
  const provider = await pretendProvider(context, (response, asked, nth) =>
    isSilent ? sendJson(response, 503, {}, { 'retry-after': '4' }) : answers(response, asked, nth),
  )
  const log = await aLog(context)
  const observations = await collect(log, 'observations')
  const exchange = anExchange()
  await publish(log, [exchange])

  const first = await start(log, provider.url)
  await until(() => provider.asked.length === 2)
  await first.stop()
  assert.equal(observations.length, 0)
  assert.equal(await log.lag('replay', 'exchanges'), 1)

  isSilent = false
  const second = await start(log, provider.url)
  await until(() => observations.length === 1)
  await second.stop()
  assert.equal(await log.lag('replay', 'exchanges'), 0)
  assert.ok(setsOf(observations)[0]!.observations.every(({ outcome }) => outcome === 'answered'))
})

test('a call in flight when the stage stops ends in peace and is committed', async (context) => {
  const provider = await pretendProvider(context, async (response, asked, nth) => {
    await sleep(200)
    await answers(response, asked, nth)
  })
  const log = await aLog(context)
  const observations = await collect(log, 'observations')
  const running = await start(log, provider.url)
  await publish(log, [anExchange()])
  await until(() => provider.asked.length === 2)
  await running.stop()
  assert.equal(await log.lag('replay', 'exchanges'), 0)
  await until(() => observations.length === 1)
  assert.ok(setsOf(observations)[0]!.observations.every(({ outcome }) => outcome === 'answered'))
})

test('many conversations over all partitions are each replayed once', async (context) => {
  const provider = await pretendProvider(context, answers)
  const log = await aLog(context)
  const observations = await collect(log, 'observations')
  const exchanges = Array.from({ length: 60 }, (_, nth) =>
    anExchange(undefined, { conversationId: `conversation-${nth}` }),
  )
  await publish(log, exchanges)
  const running = await start(log, provider.url)
  await until(() => observations.length >= 60)
  await running.stop()
  assert.equal(new Set(setsOf(observations).map(({ exchange }) => exchange.exchangeId)).size, 60)
  assert.equal(provider.asked.length, 120)
  assert.equal(await log.lag('replay', 'exchanges'), 0)
})

test('an arm that names no known provider stops the start with its cure', async (context) => {
  const log = await aLog(context)
  await assert.rejects(start(log, 'http://127.0.0.1:1', { control: { provider: 'elsewhere' } }), {
    code: 'CONFIG_INVALID',
    message: /"control" names the provider "elsewhere"/,
  })
})
