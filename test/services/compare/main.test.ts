import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CompareContext, startCompare } from '../../../services/compare/main.ts'
import { Compare } from '../../../shared/config/schema.ts'
import { Comparison } from '../../../shared/contracts/comparison.ts'
import { DeadLetter } from '../../../shared/contracts/dead-letter.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { startConsumerOps, watchConsumer } from '../../../shared/consumer-ops.ts'
import { openEmbeddedLog } from '../../../shared/log/embedded.ts'
import { type ConsumeOptions, type Delivery, type LogRecord, type TopicLog } from '../../../shared/log/topic-log.ts'
import { type Logger, silentLogger } from '../../../shared/logger.ts'
import { chatCompletion, sendJson } from '../replay/pretend-provider.ts'
import { aControl, anAnswer, anObservation, aSet } from './builders.ts'
import { aConfig as judgeConfig, fair, fourDollarsEach, pretendJudge, textSet } from './judge/pretend-judge.ts'

async function started(t: TestContext, log: TopicLog, rest: Partial<CompareContext> = {}): Promise<void> {
  const running = await startCompare({
    config: { routes: [], compare: Compare.parse({ workers: 1 }), waivers: [], candidates: [] },
    log,
    logger: silentLogger,
    ...rest,
  })
  t.after(() => running.stop())
}

/** A log that hands out what it is given and keeps what is published. */
function aLog(publish = async (_topic: string, _records: LogRecord[]): Promise<void> => {}) {
  let options: ConsumeOptions | undefined
  const published: LogRecord[] = []
  const log = {
    consume: async (given: ConsumeOptions) => {
      options = given
      return { stop: async () => {}, lastPollAtMs: () => 0 }
    },
    publish: async (topic: string, records: LogRecord[]) => {
      await publish(topic, records)
      published.push(...records)
    },
  } as unknown as TopicLog
  const deliver = (values: string[], signal = new AbortController().signal) =>
    options!.handle(values.map(aDelivery), { signal })
  return { log, deliver, published, options: () => options! }
}

const aDelivery = (value: string, offset: number): Delivery => ({
  topic: 'observations',
  partition: 0,
  offset: String(offset),
  key: 'conversation-1',
  value: Buffer.from(value),
  headers: {},
  publishedAtMs: 0,
})

const observationSet = JSON.stringify(aSet())

test('an observation set becomes one record per arm, by conversation', async (t) => {
  const { log, deliver, published, options } = aLog(async (topic) => equal(topic, 'comparisons'))
  await started(t, log)

  await deliver([observationSet])

  deepEqual([options().group, options().topics], ['compare', ['observations']])
  deepEqual(
    published.map(({ key, value }) => [
      key,
      Comparison.parse(JSON.parse(Buffer.from(value as Uint8Array).toString())).arm,
    ]),
    [
      ['conversation-1', 'control'],
      ['conversation-1', 'small'],
    ],
  )
})

test('a malformed record is thrown back with its code, never swallowed', async (t) => {
  const { log, deliver, published } = aLog()
  await started(t, log)

  for (const malformed of ['not json', '{}', observationSet.replace('"arm":', '"limb":')]) {
    await rejects(deliver([observationSet, malformed]), { code: 'MESSAGE_MALFORMED' })
  }
  equal(published.length, 0)
})

test('a log that cannot take the comparisons now fails the batch as retryable', async (t) => {
  const { log, deliver } = aLog(async () => {
    throw new UnderstudyError('LOG_UNAVAILABLE', 'down')
  })
  await started(t, log)

  await rejects(deliver([observationSet]), { code: 'LOG_UNAVAILABLE', retryable: true })
})

test('a batch handed over while stopping publishes nothing', async (t) => {
  const { log, deliver, published } = aLog()
  await started(t, log)

  await rejects(deliver([observationSet], AbortSignal.abort()))

  equal(published.length, 0)
})

test('a record delivered twice gives the same comparisons twice', async (t) => {
  const { log, deliver, published } = aLog()
  await started(t, log)

  await deliver([observationSet])
  await deliver([observationSet])

  const read = published.map(({ value }) => ({
    ...Comparison.parse(JSON.parse(Buffer.from(value as Uint8Array).toString())),
    comparedAt: '',
  }))
  deepEqual(read.slice(0, 2), read.slice(2))
})

test('over a real log: good records are compared, a bad one among them is buried with its reason', async (t) => {
  const log = await anEmbeddedLog(t)
  const comparisons = await collect(log, 'comparisons')
  const letters = await collect(log, 'dead-letters')
  await started(t, log)

  await log.publish('observations', [
    { key: 'conversation-1', value: observationSet },
    { key: 'conversation-1', value: '{"version":1}' },
  ])

  await until(() => comparisons.length >= 2 && letters.length >= 1)
  deepEqual(new Set(comparisons.map((value) => Comparison.parse(JSON.parse(value)).arm)), new Set(['control', 'small']))
  const letter = DeadLetter.parse(JSON.parse(letters[0]!))
  deepEqual([letter.group, letter.errorCode], ['compare', 'MESSAGE_MALFORMED'])
})

test('over a real log: what the ladder leaves open is judged, heartbeats go on, and a second delivery is not paid for', async (t) => {
  const log = await anEmbeddedLog(t)
  const comparisons = await collect(log, 'comparisons')
  const court = await pretendJudge(
    t,
    (slots, nth) => (response) =>
      void setTimeout(() => sendJson(response, 200, chatCompletion(String(fair(slots, nth)), 'wise-1')), 50),
  )
  const folder = mkdtempSync(join(tmpdir(), 'understudy-compare-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const config = judgeConfig(court.url, { file: join(folder, 'log.db') })
  const running = await startCompare({
    config,
    log,
    logger: silentLogger,
    settling: { config, prices: fourDollarsEach },
  })
  t.after(() => running.stop())
  const value = JSON.stringify(textSet())

  await log.publish('observations', [{ key: 'conversation-1', value }])
  await until(() => comparisons.length >= 2)
  await log.publish('observations', [{ key: 'conversation-1', value }])
  await until(() => comparisons.length >= 4)

  const read = comparisons.map((each) => Comparison.parse(JSON.parse(each)))
  deepEqual(
    read.map(({ arm, measured, decidedBy }) => [arm, measured!.quality, decidedBy]),
    [
      ['control', 1, 'judge'],
      ['small', 0, 'judge'],
      ['control', 1, 'judge'],
      ['small', 0, 'judge'],
    ],
  )
  deepEqual(read[1]!.judge, read[3]!.judge)
  equal(court.asked.length, 4)
})

async function anEmbeddedLog(t: TestContext): Promise<TopicLog> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-compare-'))
  const log = await openEmbeddedLog({ file: join(folder, 'log.sqlite'), logger: silentLogger })
  await log.prepare()
  t.after(async () => {
    await log.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return log
}

async function collect(log: TopicLog, topic: 'comparisons' | 'dead-letters'): Promise<string[]> {
  const values: string[] = []
  await log.consume({
    topics: [topic],
    group: `test-${topic}`,
    maxBatch: 10,
    handle: async (batch) => void values.push(...batch.map(({ value }) => value.toString())),
    onFatal: (err) => {
      throw err
    },
  })
  return values
}

async function until(isTrue: () => boolean): Promise<void> {
  const endsAtMs = Date.now() + 10_000
  while (!isTrue()) {
    ok(Date.now() < endsAtMs, 'nothing came')
    await sleep(20)
  }
}

test('a set that no thread gets done is buried with its reason, and heartbeats go on meanwhile', async (t) => {
  const log = await anEmbeddedLog(t)
  const watched = watchConsumer(log, 'compare')
  const letters = await collect(log, 'dead-letters')
  await started(t, watched, { setTimeoutMs: 1 })
  let longestSilenceMs = 0
  const watch = setInterval(() => {
    longestSilenceMs = Math.max(longestSilenceMs, Date.now() - (watched.watched()?.lastPollAtMs() ?? Date.now()))
  }, 50)

  await log.publish('observations', [{ key: 'conversation-1', value: endless }])

  await until(() => letters.length >= 1)
  clearInterval(watch)
  const letter = DeadLetter.parse(JSON.parse(letters[0]!))
  deepEqual([letter.errorCode, letter.attempts], ['SCORING_FAILED', 1])
  match(letter.message, /not scored within/)
  ok(longestSilenceMs < 5_000, `silent for ${longestSilenceMs} ms`)
})

/** Takes a thread longer than it has, whatever the machine. */
const endless = JSON.stringify(
  aSet({
    served: { answer: anAnswer({ text: 'One thing was said here, and it was said again. '.repeat(4_000) }) },
    observations: [
      aControl(),
      anObservation({ answer: anAnswer({ text: 'Another thing was meant. '.repeat(8_000) }) }),
    ],
  }),
)

test('a waiver that has expired is told at the start, and keeps nothing from running', async (t) => {
  const warnings: unknown[] = []
  const logger = { ...silentLogger, warn: (facts: unknown) => void warnings.push(facts) } as unknown as Logger
  const waiver = (path: string, expires: string) => ({ path, expires, reason: 'cosmetic', author: 'ana' })
  const waivers = [waiver('/old', '2026-01-31'), waiver('/new', '2999-01-31')]
  const { log, deliver, published } = aLog()
  await started(t, log, {
    logger,
    config: { routes: [], compare: Compare.parse({ workers: 1 }), candidates: [], waivers },
  })

  await deliver([observationSet])

  deepEqual(warnings, [{ waiver: '/old', expires: '2026-01-31', author: 'ana' }])
  equal(published.length, 2)
})

test('while a scorer never ends the stage is healthy; its set is buried, and the next one is compared', async (t) => {
  const log = watchConsumer(await anEmbeddedLog(t), 'compare')
  const [comparisons, letters] = [await collect(log, 'comparisons'), await collect(log, 'dead-letters')]
  const folder = mkdtempSync(join(tmpdir(), 'understudy-endless-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const module = join(folder, 'endless.mjs')
  writeFileSync(module, 'export function score({ arm }) { while (arm.text === "stuck"); return 1 }')
  const scorers = [{ name: 'endless', module, timeoutMs: 60_000, as: 'score' as const }]
  const config = { routes: [], compare: { ...Compare.parse({ workers: 1 }), scorers }, candidates: [], waivers: [] }
  await started(t, log, { config, setTimeoutMs: 6_000 })
  const pages = await startConsumerOps({ log, listen: '127.0.0.1:0', configKey: 'ops.compare', silentAfterMs: 5_000 })
  t.after(() => pages.stop())

  const stuck = aSet({ observations: [anObservation({ answer: anAnswer({ text: 'stuck' }) })] })
  await log.publish('observations', [{ key: 'conversation-1', value: JSON.stringify(stuck) }])
  const statuses = new Set<number>()
  while (letters.length === 0) {
    statuses.add((await fetch(`${pages.url}/healthz`)).status)
    await sleep(100)
  }
  await log.publish('observations', [{ key: 'conversation-1', value: observationSet }])
  await until(() => comparisons.length >= 2)

  deepEqual([...statuses], [200])
  equal(DeadLetter.parse(JSON.parse(letters[0]!)).errorCode, 'SCORING_FAILED')
})
