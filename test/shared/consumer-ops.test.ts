import { deepEqual, equal, rejects } from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { startConsumerOps, watchConsumer } from '../../shared/consumer-ops.ts'
import { type ConsumeOptions, type Delivery, type TopicLog } from '../../shared/log/topic-log.ts'

const unused = () => Promise.reject(new Error('not used'))
const record = {} as Delivery
const signal = new AbortController().signal

async function start(context: TestContext, changes: Partial<TopicLog> = {}) {
  let lastPollAtMs = Date.now()
  const handed = Promise.withResolvers<ConsumeOptions['handle']>()
  const log = watchConsumer(
    {
      publish: unused,
      prepare: unused,
      ping: unused,
      close: unused,
      lag: async (_group, topic) => (topic === 'exchanges' ? 7 : 0),
      consume: async ({ handle }) => {
        handed.resolve(handle)
        return { stop: async () => {}, lastPollAtMs: () => lastPollAtMs }
      },
      ...changes,
    },
    'replay',
  )
  const ops = await startConsumerOps({ log, listen: '127.0.0.1:0', configKey: 'ops.replay', silentAfterMs: 60_000 })
  context.after(() => ops.stop())
  const page = async (name: string) => {
    const answer = await fetch(`${ops.url}/${name}`)
    return { status: answer.status, text: await answer.text() }
  }
  const consume = (handle: ConsumeOptions['handle'], group = 'replay') =>
    log.consume({ topics: ['exchanges', 'ledger'], group, maxBatch: 1, handle, onFatal: () => {} })
  const silentSince = (timeMs: number) => (lastPollAtMs = timeMs)
  const handOver = async (records: number, on = signal) =>
    (await handed.promise)(
      Array.from({ length: records }, () => record),
      { signal: on },
    )
  return { page, consume, silentSince, handOver }
}

function sampleOf(text: string, name: string): number | undefined {
  const line = text.split('\n').find((line) => line.startsWith(`understudy_consumer_${name} `))
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}

test('a stage is neither healthy nor ready before its consumer polls, nor when it has stopped to', async (context) => {
  const { page, consume, silentSince } = await start(context)
  const states = async () => [(await page('healthz')).status, (await page('readyz')).status]

  deepEqual(await states(), [503, 503])
  await consume(async () => {}, 'another')
  deepEqual(await states(), [503, 503])
  await consume(async () => {})
  deepEqual(await states(), [200, 200])
  deepEqual(JSON.parse((await page('healthz')).text), { healthy: true, polling: true })
  silentSince(Date.now() - 61_000)
  deepEqual(await states(), [503, 503])
})

test('what was handled and what failed is counted in records; what a stop has interrupted is neither', async (context) => {
  const { page, consume, handOver } = await start(context)
  let isSound = true
  await consume(async () => {
    if (!isSound) throw new Error('no')
  })

  await handOver(3)
  isSound = false
  await rejects(handOver(2))
  await rejects(handOver(5, AbortSignal.abort()))

  const { text } = await page('metrics')
  equal(sampleOf(text, 'handled_total{group="replay"}'), 3)
  equal(sampleOf(text, 'failed_total{group="replay"}'), 2)
  equal(sampleOf(text, 'lag{topic="exchanges"}'), 7)
  equal(sampleOf(text, 'lag{topic="ledger"}'), 0)
})

test('how long the log is silent is told, and a log that does not answer keeps no number back but the lag', async (context) => {
  const { page, consume, silentSince } = await start(context, { lag: () => new Promise(() => {}) })
  await consume(async () => {})
  silentSince(Date.now() - 500_000)

  const { status, text } = await page('metrics')
  equal(status, 200)
  equal(sampleOf(text, 'poll_age_seconds{group="replay"}')! >= 500, true)
  equal(sampleOf(text, 'lag{topic="exchanges"}'), undefined)
})
