import { deepEqual, equal } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createByteBudget } from '../../../services/tap/byte-budget.ts'
import { createPublisher, type PublishOutcome } from '../../../services/tap/publish.ts'
import { openSpool, type Spool } from '../../../services/tap/spool/spool.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { type LogRecord } from '../../../shared/log/topic-log.ts'
import { silentLogger } from '../../../shared/logger.ts'

/** Longer than any test may take. */
const forever = 600_000

function spoolIn(context: TestContext, maxBytes: number): Spool {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-publish-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return openSpool({ folder, maxBytes, whenFull: 'drop_newest', logger: silentLogger, onDropped: () => {} })
}

function start(
  publish: (records: LogRecord[]) => Promise<void>,
  maxBytes = 1_000_000,
  spool: Spool | null = null,
  lingerMs = 1,
) {
  const budget = createByteBudget(maxBytes)
  const outcomes: PublishOutcome[] = []
  const publisher = createPublisher({
    publish,
    budget,
    spool,
    settled: (_, outcome, times) => outcomes.push(...Array.from({ length: times }, () => outcome)),
    lingerMs,
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

test('records are gathered, and the end does not wait for more of them', async () => {
  const sizes: number[][] = []
  const publish = async (records: LogRecord[]) => void sizes.push(records.map(({ value }) => value.length))
  const { outcomes, publisher, enqueue } = start(publish, 1_000, null, forever)

  for (const sizeBytes of [10, 20]) {
    enqueue(sizeBytes)
    await sleep(5)
  }
  equal(await publisher.stop(30_000), true)

  deepEqual(sizes, [[10, 20]])
  deepEqual(outcomes, [{ published: true }, { published: true }])
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

test('what the spool has all of waits for no log that takes nothing', async (context) => {
  const spool = spoolIn(context, 10_000)
  const { budget, outcomes, publisher, enqueue } = start(() => new Promise(() => {}), 1_000, spool)

  enqueue(90)
  enqueue(90)
  equal(await publisher.stop(forever, 20), false)

  deepEqual([outcomes, budget.heldBytes(), spool.depth().records], [[], 0, 2])
})

test('a log that takes one batch after the other is given all of them, however many', async (context) => {
  const spool = spoolIn(context, 10_000)
  const { outcomes, publisher, enqueue } = start(() => sleep(20), 10_000, spool)

  for (let i = 0; i < 40; i += 1) enqueue(90)
  equal(await publisher.stop(forever, 200), true)

  deepEqual([outcomes.length, spool.depth().records], [40, 0])
})

test('what the spool has no room for is worth waiting for', async (context) => {
  let attempts = 0
  const isBack = async () => {
    attempts += 1
    if (attempts < 4) throw new UnderstudyError('LOG_UNAVAILABLE', 'away')
  }
  const { outcomes, publisher, enqueue } = start(isBack, 1_000, spoolIn(context, 10))

  enqueue(90)
  equal(await publisher.stop(forever, 0), true)

  deepEqual(outcomes, [{ published: true }])
})

test('a log that does not let the tap publish is waited for: nothing is given up', async () => {
  let refusals = 2
  const { outcomes, publisher, enqueue } = start(async () => {
    if (refusals-- > 0) throw new UnderstudyError('LOG_REFUSED', 'check the ACLs')
  })

  enqueue(1)
  await sleep(300)
  await publisher.stop(1_000)

  deepEqual(outcomes, [{ published: true }])
})
