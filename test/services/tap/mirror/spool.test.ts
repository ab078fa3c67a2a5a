import { deepEqual, equal, ok } from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { type RunningTap } from '../../../../services/tap/main.ts'
import { type TapConfig } from '../../../../shared/config/schema.ts'
import { UnderstudyError } from '../../../../shared/errors.ts'
import {
  chatAnswer,
  chatRequest,
  createMemoryLog,
  exchangesIn,
  ledgerIn,
  type MemoryLog,
  send,
  startTestTap,
  startUpstream,
  until,
} from '../tap-kit.ts'

const chat = '/openai/v1/chat/completions'
const quick = { saveIntervalMs: 20, ledgerIntervalMs: 20, publishTimeoutMs: 100, flushTimeoutMs: 10_000 }
/** For a run that ends while the log is away. */
const hasty = { ...quick, flushTimeoutMs: 50 }

function spoolIn(context: TestContext, changes: Partial<TapConfig['spool']> = {}): TapConfig['spool'] {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-spool-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return { folder, maxBytes: 10_000_000, whenFull: 'drop_newest', ...changes }
}

/** A log that can be taken away. */
function createUnsteadyLog(isGone: boolean): MemoryLog & { isGone: boolean } {
  const log = createMemoryLog()
  const accept = log.publish.bind(log)
  const unsteady = Object.assign(log, { isGone })
  unsteady.publish = (topic, records) =>
    unsteady.isGone ? Promise.reject(new UnderstudyError('LOG_UNAVAILABLE', 'away')) : accept(topic, records)
  return unsteady
}

async function startAnswering(context: TestContext): Promise<string> {
  return startUpstream(context, (request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(chatAnswer))
  })
}

async function serve(tap: RunningTap, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const { status, body } = await send(tap.url, { path: chat, body: chatRequest })
    deepEqual([status, body.toString()], [200, chatAnswer])
  }
  await until(() => tap.totals().served >= count, 30_000)
}

const distinct = (log: MemoryLog) => new Set(exchangesIn(log).map(({ exchangeId }) => exchangeId)).size

function counted(logs: MemoryLog[]): Record<string, number> {
  const entries = new Map(logs.flatMap((log) => ledgerIn(log)).map((entry) => [entry.entryId, entry]))
  const counts: Record<string, number> = {}
  for (const { outcome, count } of entries.values()) counts[outcome] = (counts[outcome] ?? 0) + count
  return counts
}

test('while the log is away records wait on the disk, beyond what memory may hold, and all are published when it is back', async (context) => {
  const log = createUnsteadyLog(true)
  const spool = spoolIn(context)
  const tap = await startTestTap(context, await startAnswering(context), {
    log,
    spool,
    limits: { ...quick, maxQueuedBytes: 5_000 },
  })

  await serve(tap, 40)
  deepEqual([tap.totals().pending, tap.totals().dropped], [40, 0])
  log.isGone = false
  await until(() => tap.totals().pending === 0, 30_000)
  await serve(tap, 3)
  await tap.stop()

  deepEqual([distinct(log), exchangesIn(log).length, tap.totals().published], [43, 43, 43])
  deepEqual(counted([log]), { served: 43, published: 43 })
  deepEqual(readdirSync(spool.folder), [])
})

test('what is left at the end of one run is published by the next, and both together balance', async (context) => {
  const spool = spoolIn(context)
  const upstream = await startAnswering(context)
  const [away, back] = [createUnsteadyLog(true), createUnsteadyLog(false)]
  const first = await startTestTap(context, upstream, { log: away, spool, limits: hasty })
  await serve(first, 20)
  await first.stop()
  deepEqual([first.totals().served, first.totals().pending, first.totals().dropped], [20, 20, 0])

  const second = await startTestTap(context, upstream, { log: back, spool, limits: quick })
  await until(() => second.totals().published === 20, 30_000)
  await serve(second, 1)
  await second.stop()

  deepEqual([distinct(back), exchangesIn(back).length], [21, 21])
  deepEqual(counted([away, back]), { served: 21, published: 21 })
  equal(second.totals().pending, 0)
  deepEqual(readdirSync(spool.folder), [])
})

test('what was published before a tap was killed is counted by the next, however soon after it was killed', async (context) => {
  const [spool, left] = [spoolIn(context), spoolIn(context)]
  const upstream = await startAnswering(context)
  const [log, back] = [createMemoryLog(), createMemoryLog()]
  const accept = log.publish.bind(log)
  log.publish = async (topic, records) => {
    await accept(topic, records)
    // As the disk is if it is killed now.
    if (topic === 'exchanges') {
      rmSync(left.folder, { recursive: true })
      cpSync(spool.folder, left.folder, { recursive: true })
    }
  }
  const never = { ...quick, saveIntervalMs: 1e9, ledgerIntervalMs: 1e9 }
  const first = await startTestTap(context, upstream, { log, spool, limits: never })
  await serve(first, 7)
  await until(() => exchangesIn(log).length === 7, 30_000)

  const second = await startTestTap(context, upstream, { log: back, spool: left, limits: quick })
  await second.stop()
  deepEqual(counted([back]), { served: 7, dropped: 7 })
  deepEqual(second.totals().droppedByReason, { tap_killed: 7 })
})

test('a log that hangs costs nothing: what it may have taken is sent again, and counted once', async (context) => {
  const spool = spoolIn(context)
  const log = createMemoryLog()
  const accept = log.publish.bind(log)
  let attempts = 0
  log.publish = async (topic, records) => {
    await accept(topic, records)
    attempts += 1
    if (attempts <= 2) await new Promise(() => {})
  }
  const tap = await startTestTap(context, await startAnswering(context), { log, spool, limits: quick })

  await serve(tap, 10)
  await until(() => tap.totals().published === 10, 30_000)
  await tap.stop()

  equal(distinct(log), 10)
  deepEqual(counted([log]), { served: 10, published: 10 })
})

for (const whenFull of ['drop_newest', 'drop_oldest'] as const) {
  test(`a spool that is full and has to ${whenFull} loses by count, and the rest arrives`, async (context) => {
    const log = createUnsteadyLog(true)
    const spool = spoolIn(context, { maxBytes: 40_000, whenFull })
    const tap = await startTestTap(context, await startAnswering(context), {
      log,
      spool,
      limits: { ...quick, maxQueuedBytes: 4_000 },
    })

    await serve(tap, 60)
    await until(() => tap.totals().dropped > 0, 30_000)
    log.isGone = false
    await until(() => tap.totals().pending === 0, 30_000)
    await tap.stop()

    const { served, dropped, published, droppedByReason } = tap.totals()
    deepEqual([served, dropped + published, droppedByReason], [60, 60, { spool_full: dropped }])
    equal(distinct(log), published)
    deepEqual(counted([log]), { served: 60, published, dropped })
  })
}

test('without a disk that can be written, memory is all there is, and requests are served', async (context) => {
  const spool = spoolIn(context)
  writeFileSync(join(spool.folder, 'file'), '')
  const log = createUnsteadyLog(true)
  const tap = await startTestTap(context, await startAnswering(context), {
    log,
    spool: { ...spool, folder: join(spool.folder, 'file', 'spool') },
    limits: { ...quick, maxQueuedBytes: 15_000 },
  })

  await serve(tap, 30)
  await until(() => tap.totals().dropped > 0, 30_000)
  log.isGone = false
  await until(() => tap.totals().pending === 0, 30_000)
  await tap.stop()

  const { dropped, published, droppedByReason } = tap.totals()
  deepEqual([dropped + published, droppedByReason], [30, { queue_full: dropped }])
  ok(published > 0)
})

test('no secret of a request reaches the disk', async (context) => {
  const spool = spoolIn(context)
  const tap = await startTestTap(context, await startAnswering(context), {
    log: createUnsteadyLog(true),
    spool,
    limits: hasty,
  })
  const canaries = ['sk-proj-canary0T3BlbkFJcanary0', 'canary@example.com', 'canary-cookie', 'canary-query']
  const body = chatRequest.replace('hello', `${canaries[0]} and ${canaries[1]}`)
  const headers = { authorization: `Bearer ${canaries[0]}`, 'x-api-key': canaries[0]!, cookie: `s=${canaries[2]}` }
  await send(tap.url, { path: `${chat}?key=${canaries[3]}`, headers, body })
  await tap.stop()

  const files = readdirSync(spool.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const bytes = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('')
  ok(bytes.includes('[EMAIL_1]'))
  for (const canary of canaries) ok(!bytes.includes(canary), canary)
})
