import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { createByteBudget } from '../../../services/tap/byte-budget.ts'
import { createPublisher, type PublishOutcome } from '../../../services/tap/publish.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type LogRecord } from '../../../shared/log/topic-log.ts'

function start(publish: (records: LogRecord[]) => Promise<void>, maxBytes = 1_000_000) {
  const budget = createByteBudget(maxBytes)
  const outcomes: PublishOutcome[] = []
  const publisher = createPublisher({
    publish,
    budget,
    settled: (_, outcome) => outcomes.push(outcome),
    lingerMs: 1,
    maxBatchBytes: 100,
  })
  const enqueue = (sizeBytes: number) => publisher.enqueue({ group: 'g', key: 'k', value: Buffer.alloc(sizeBytes) })
  return { budget, outcomes, publisher, enqueue }
}

test('records go out in batches bounded in bytes, in order, one batch at a time', async () => {
  const sizes: number[][] = []
  let running = 0
  const { budget, publisher, enqueue } = start(async (records) => {
    equal(++running, 1)
    await new Promise((resolve) => setTimeout(resolve, 2))
    running -= 1
    sizes.push(records.map(({ value }) => value.length))
  })

  for (const sizeBytes of [40, 50, 60, 500, 1]) enqueue(sizeBytes)
  await publisher.stop(1_000)

  deepEqual(sizes, [[40, 50], [60], [500], [1]])
  equal(budget.heldBytes(), 0)
})

test('what does not fit is given up at once, newest first, and the rest is untouched', async () => {
  const { outcomes, publisher, enqueue } = start(async () => {}, 100)

  enqueue(60)
  enqueue(60)
  enqueue(40)
  deepEqual(outcomes, [{ published: false, reason: 'queue_full' }])
  await publisher.stop(1_000)

  deepEqual(outcomes.slice(1), [{ published: true }, { published: true }])
})

test('a record counts as published only after the log has acknowledged it', async () => {
  const acknowledged = Promise.withResolvers<void>()
  const { outcomes, publisher, enqueue } = start(() => acknowledged.promise)

  enqueue(10)
  await new Promise((resolve) => setTimeout(resolve, 10))
  deepEqual(outcomes, [])
  acknowledged.resolve()
  await publisher.stop(1_000)

  deepEqual(outcomes, [{ published: true }])
})

test('a log that is away is tried again, with the same records', async () => {
  let attempts = 0
  const { outcomes, publisher, enqueue } = start(async () => {
    attempts += 1
    if (attempts < 3) throw new UnderstudyError('LOG_UNAVAILABLE', 'away')
  })

  enqueue(10)
  await publisher.stop(2_000)

  equal(attempts, 3)
  deepEqual(outcomes, [{ published: true }])
})

test('what is left when the time to stop is up is given up, and so is what comes later', async () => {
  const { budget, outcomes, publisher, enqueue } = start(() => new Promise(() => {}))

  enqueue(90)
  enqueue(90)
  await publisher.stop(20)
  enqueue(1)

  deepEqual(
    outcomes,
    Array.from({ length: 3 }, () => ({ published: false, reason: 'shutdown' })),
  )
  equal(budget.heldBytes(), 0)
})
