import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { DeadLetter } from '../../../shared/contracts/dead-letter.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { decodeMessage } from '../../../shared/log/messages.ts'
import { maxRecordBytes } from '../../../shared/log/record-size.ts'
import { type TopicLog } from '../../../shared/log/topic-log.ts'
import { eventually, someRecords, startReader } from './support.ts'

/** Opens the log of one test as another process would: each time a new client, the same records. */
export type OpenLog = () => Promise<TopicLog>

/** What every implementation promises. `withLog` gives each test a log of its own and closes what was opened. */
export function topicLogContract(
  withLog: (work: (open: OpenLog) => Promise<void>) => Promise<void>,
  { skip = false }: { skip?: string | false } = {},
): void {
  function promise(title: string, work: (open: OpenLog) => Promise<void>): void {
    test(title, { timeout: 60_000, skip }, () => withLog(work))
  }

  promise('what was published is delivered with its key, headers and exact bytes', async (open) => {
    const log = await open()
    const value = randomBytes(100_000)
    const before = Date.now()
    await log.publish('exchanges', [{ key: 'käse', value, headers: { source: 'tap', empty: '' } }])
    await log.publish('exchanges', [{ key: 'text', value: 'grüße 🎭' }])
    const reader = await startReader(log)
    await eventually('both records', () => reader.deliveries.length === 2)

    const bytes = reader.deliveries.find((delivery) => delivery.key === 'käse')!
    assert.deepEqual(bytes.value, value)
    assert.deepEqual(bytes.headers, { source: 'tap', empty: '' })
    assert.equal(bytes.topic, 'exchanges')
    assert.ok(bytes.publishedAtMs >= before - 1 && bytes.publishedAtMs <= Date.now() + 1)
    const text = reader.deliveries.find((delivery) => delivery.key === 'text')!
    assert.equal(text.value.toString(), 'grüße 🎭')
    assert.deepEqual(text.headers, {})
  })

  promise('records of one key arrive from one partition in the order they were published', async (open) => {
    const log = await open()
    for (let index = 0; index < 5; index++) await log.publish('exchanges', [{ key: 'same', value: String(index) }])
    const reader = await startReader(log, { maxBatch: 2 })
    await eventually('all five', () => reader.deliveries.length === 5)
    assert.deepEqual(
      reader.deliveries.map((delivery) => delivery.value.toString()),
      ['0', '1', '2', '3', '4'],
    )
    assert.equal(new Set(reader.deliveries.map((delivery) => delivery.partition)).size, 1)
  })

  promise('a batch never holds more records than asked for, and only those of one partition', async (open) => {
    const log = await open()
    await log.publish('exchanges', someRecords(60))
    const batches: number[] = []
    const partitions: number[] = []
    const reader = await startReader(log, {
      maxBatch: 3,
      handle: async (batch) => {
        batches.push(batch.length)
        partitions.push(new Set(batch.map((delivery) => delivery.partition)).size)
      },
    })
    await eventually('all sixty', () => new Set(reader.keys()).size === 60)
    assert.equal(Math.max(...batches), 3)
    assert.equal(Math.max(...partitions), 1)
  })

  promise('one batch is in hand at a time; of a consumer that gathers, one of each partition', async (open) => {
    const log = await open()
    await log.publish('exchanges', someRecords(60))
    const most = async (group: string, options: { gatherMs?: number }) => {
      const inHand = new Set<number>()
      let highest = 0
      const reader = await startReader(log, {
        group,
        ...options,
        maxBatch: 100,
        handle: async ([first]) => {
          assert.ok(!inHand.has(first!.partition))
          inHand.add(first!.partition)
          highest = Math.max(highest, inHand.size)
          await sleep(50)
          inHand.delete(first!.partition)
        },
      })
      await eventually('all sixty', () => new Set(reader.keys()).size === 60)
      await reader.consumer.stop()
      assert.equal(await log.lag(group, 'exchanges'), 0)
      const partitions = new Set(reader.deliveries.map(({ partition }) => partition)).size
      return { highest, partitions }
    }
    assert.equal((await most('one-by-one', {})).highest, 1)
    const gathered = await most('gathering', { gatherMs: 200 })
    assert.ok(gathered.partitions > 1)
    assert.equal(gathered.highest, gathered.partitions)
  })

  promise('a consumer that gathers is called once for what comes one by one within that time', async (open) => {
    const log = await open()
    let calls = 0
    const reader = await startReader(log, { gatherMs: 1_000, handle: async () => void calls++ })
    await log.publish('exchanges', [{ key: 'same', value: 'first' }])
    await eventually('the first', () => reader.deliveries.length === 1)
    const before = calls
    for (const { value } of someRecords(8)) await log.publish('exchanges', [{ key: 'same', value }])
    await eventually('the others', () => reader.deliveries.length === 9)
    assert.ok(calls - before <= 3, `${calls - before} calls for 8 records`)
  })

  promise('a consumer that gathers and fails for one partition keeps what the others have done', async (open) => {
    const log = await open()
    await log.publish('exchanges', someRecords(60))
    let failures = 0
    const failing = new Set<number>()
    const reader = await startReader(log, {
      gatherMs: 100,
      maxBatch: 100,
      handle: async ([first]) => {
        if (failing.size === 0) failing.add(first!.partition)
        if (!failing.has(first!.partition) || failures++ > 1) return
        throw new UnderstudyError('STORE_UNAVAILABLE', 'away for a moment')
      },
    })
    await eventually('all sixty', () => new Set(reader.keys()).size === 60)
    assert.equal(reader.keys().length, 60)
    assert.ok(failures > 1)
  })

  promise('of a consumer that gathers, a partition in hand is not committed with those that are done', async (open) => {
    const log = await open()
    await log.publish('exchanges', someRecords(60))
    const held: string[] = []
    const end = Promise.withResolvers<void>()
    const first = await startReader(log, {
      gatherMs: 200,
      maxBatch: 100,
      handle: async (batch) => {
        if (held.length > 0) return
        held.push(...batch.map(({ key }) => key))
        await end.promise
      },
    })
    await eventually('all others', async () => (await log.lag('replay', 'exchanges')) === held.length)
    assert.ok(held.length > 0 && held.length < 60)
    await first.consumer.stop({ timeoutMs: 100 })
    const second = await startReader(await open(), { maxBatch: 100 })
    await eventually('what was in hand', () => second.deliveries.length >= held.length)
    assert.deepEqual(second.keys().toSorted(), held.toSorted())
    end.resolve()
  })

  promise('every group sees every record, also a group that came later', async (open) => {
    const log = await open()
    const early = await startReader(log, { group: 'replay' })
    await log.publish('exchanges', someRecords(20))
    const late = await startReader(log, { group: 'record', topics: ['exchanges', 'observations'] })
    await log.publish('observations', [{ key: 'other', value: '{}' }])
    await eventually('20 and 21', () => new Set(early.keys()).size === 20 && new Set(late.keys()).size === 21)
    assert.deepEqual(late.deliveries.find((delivery) => delivery.topic === 'observations')?.key, 'other')
  })

  promise('two consumers of one group share the partitions', async (open) => {
    const one = await startReader(await open())
    const other = await startReader(await open())
    const log = await open()
    const all = () => [...one.keys(), ...other.keys()]
    let published = 0
    await eventually('both were given something', async () => {
      await log.publish('exchanges', someRecords(16, `round-${published++}`))
      await sleep(200)
      return one.deliveries.length > 0 && other.deliveries.length > 0
    })
    await eventually('all records', () => new Set(all()).size === published * 16)
  })

  promise(
    'a batch that fails for a passing reason is handed over again, and nothing behind it is skipped',
    async (open) => {
      const log = await open()
      await log.publish(
        'exchanges',
        Array.from({ length: 6 }, (_, index) => ({ key: 'same', value: String(index) })),
      )
      const attempts: string[] = []
      const reader = await startReader(log, {
        maxBatch: 3,
        handle: async (batch) => {
          attempts.push(batch.map((delivery) => delivery.value.toString()).join())
          if (attempts.length < 4) throw new UnderstudyError('STORE_UNAVAILABLE', 'the store is away')
        },
      })
      await eventually('all six', () => reader.deliveries.length === 6)
      assert.deepEqual(new Set(attempts.slice(0, 4)).size, 1)
      assert.deepEqual(
        reader.deliveries.map((delivery) => delivery.value.toString()),
        ['0', '1', '2', '3', '4', '5'],
      )
      await eventually('everything is committed', async () => (await log.lag('replay', 'exchanges')) === 0)
      assert.equal(await log.lag('replay', 'dead-letters'), 0)
    },
  )

  promise('a poison record becomes a dead letter and the next one is handled within a second', async (open) => {
    const log = await open()
    let poisonedAt = 0
    let nextAt = 0
    const reader = await startReader(log, {
      handle: async (batch) => {
        if (batch.some((delivery) => delivery.key === 'poison')) {
          poisonedAt ||= performance.now()
          throw new Error('the secret prompt text is unreadable')
        }
        if (batch.some((delivery) => delivery.key === 'next')) nextAt ||= performance.now()
      },
    })
    const letters = await startReader(log, { group: 'record', topics: ['dead-letters'] })
    await log.publish('exchanges', [{ key: 'poison', value: 'not { json' }])
    await log.publish('exchanges', [{ key: 'next', value: '{}' }])
    await eventually('the next record and the dead letter', () => nextAt > 0 && letters.deliveries.length === 1)

    assert.ok(nextAt - poisonedAt < 1_000, `took ${nextAt - poisonedAt} ms`)
    assert.deepEqual(reader.keys(), ['next'])
    const letter = decodeMessage(DeadLetter, letters.deliveries[0]!.value)
    assert.equal(letter.group, 'replay')
    assert.equal(letter.topic, 'exchanges')
    assert.equal(letter.key, 'poison')
    assert.equal(letter.errorCode, 'INTERNAL')
    assert.equal(Buffer.from(letter.valueBase64, 'base64').toString(), 'not { json')
    assert.doesNotMatch(letter.message, /secret/)
    await eventually('the poison record is committed', async () => (await log.lag('replay', 'exchanges')) === 0)
  })

  promise('offsets are committed only after the handler is done', async (open) => {
    const log = await open()
    await log.publish('exchanges', [{ key: 'one', value: '{}' }])
    const stored = Promise.withResolvers<void>()
    const reader = await startReader(log, { handle: () => stored.promise })
    await sleep(500)
    assert.equal(await log.lag('replay', 'exchanges'), 1)
    stored.resolve()
    await eventually('the record is handled', () => reader.deliveries.length === 1)
    await eventually('the offset is committed', async () => (await log.lag('replay', 'exchanges')) === 0)
  })

  promise('a stopped consumer finishes its batch, and the next one goes on behind it', async (open) => {
    const log = await open()
    await log.publish('exchanges', [{ key: 'first', value: '{}' }])
    const begun = Promise.withResolvers<AbortSignal>()
    const mayEnd = Promise.withResolvers<void>()
    const first = await startReader(log, {
      handle: (_, { signal }) => {
        begun.resolve(signal)
        return mayEnd.promise
      },
    })
    const signal = await begun.promise
    const stopped = first.consumer.stop()
    await eventually('the handler is told', () => signal.aborted)
    mayEnd.resolve()
    await stopped
    await first.consumer.stop()
    assert.deepEqual(first.keys(), ['first'])

    await log.publish('exchanges', [{ key: 'second', value: '{}' }])
    const second = await startReader(await open())
    await eventually('the second record', () => second.deliveries.length > 0)
    assert.deepEqual(second.keys(), ['second'])
  })

  promise('a batch cut short by a stop is delivered again, and is nobody’s dead letter', async (open) => {
    const log = await open()
    await log.publish('exchanges', [{ key: 'cut', value: '{}' }])
    const begun = Promise.withResolvers<void>()
    const first = await startReader(log, {
      handle: (_, { signal }) => {
        begun.resolve()
        return sleep(60_000, undefined, { signal })
      },
    })
    await begun.promise
    await first.consumer.stop()
    assert.deepEqual(first.keys(), [])

    const second = await startReader(log)
    await eventually('the record', () => second.deliveries.length === 1)
    assert.equal(await log.lag('anybody', 'dead-letters'), 0)
  })

  promise('a handler that does not end in time is left behind and its batch delivered again', async (open) => {
    const log = await open()
    await log.publish('exchanges', [{ key: 'slow', value: '{}' }])
    const begun = Promise.withResolvers<void>()
    const end = Promise.withResolvers<void>()
    const first = await startReader(log, {
      handle: () => {
        begun.resolve()
        return end.promise
      },
    })
    await begun.promise
    const before = performance.now()
    await first.consumer.stop({ timeoutMs: 100 })
    assert.ok(performance.now() - before < 5_000)
    const second = await startReader(await open())
    await eventually('the record', () => second.deliveries.length === 1)
    end.resolve()
  })

  promise('a record of several megabytes passes, one over the limit is refused at once', async (open) => {
    const log = await open()
    const value = randomBytes(6 * 1024 * 1024).toString('base64')
    await log.publish('exchanges', [{ key: 'large', value }])
    const reader = await startReader(log)
    await eventually('the large record', () => reader.deliveries.length === 1)
    assert.ok(reader.deliveries[0]!.value.equals(Buffer.from(value)))

    const before = performance.now()
    const tooLarge = { key: 'huge', value: Buffer.alloc(maxRecordBytes + 1) }
    await assert.rejects(log.publish('exchanges', [tooLarge]), { code: 'LOG_RECORD_TOO_LARGE', retryable: false })
    assert.ok(performance.now() - before < 1_000)
  })

  promise('lag counts what a group has not committed, also for a group that never read', async (open) => {
    const log = await open()
    assert.equal(await log.lag('replay', 'exchanges'), 0)
    await log.publish('exchanges', someRecords(25))
    assert.equal(await log.lag('replay', 'exchanges'), 25)
    const reader = await startReader(log)
    await eventually('no lag', async () => (await log.lag('replay', 'exchanges')) === 0)
    assert.equal(reader.deliveries.length, 25)
    assert.equal(await log.lag('record', 'exchanges'), 25)
    assert.equal(await log.lag('replay', 'observations'), 0)
  })

  promise('the log answers a ping, a consumer tells when it polled, and preparing twice is harmless', async (open) => {
    const log = await open()
    await log.prepare()
    await log.prepare()
    await log.ping(5_000)
    const { consumer } = await startReader(log)
    const before = Date.now()
    await eventually('a later poll', () => consumer.lastPollAtMs() > before)
  })

  promise('a closed log refuses to publish, and closing it stops its consumers', async (open) => {
    const log = await open()
    const reader = await startReader(log)
    await log.publish('exchanges', [{ key: 'before', value: '{}' }])
    await eventually('the record', () => reader.deliveries.length === 1)
    await log.close()
    await log.close()
    await assert.rejects(log.publish('exchanges', [{ key: 'after', value: '{}' }]), { code: 'LOG_UNAVAILABLE' })
    assert.deepEqual(reader.fatal, [])
  })
}
