import { errorCode, isRetryable } from '../../errors.ts'
import { uuidv7 } from '../../ids.ts'
import { type Logger } from '../../logger.ts'
import { backoffMs, pause } from '../backoff.ts'
import { deliver, type DeliveryPolicy } from '../delivery-policy.ts'
import { type ConsumeOptions, type Consumer, type Delivery, type LogRecord } from '../topic-log.ts'
import { type Batch, type StoredRecord } from './database.ts'
import { type Claim, isSame, type Member } from './membership.ts'
import { type DatabaseClient } from './worker-client.ts'

export type ConsumerContext = {
  database: DatabaseClient
  logger: Logger
  heartbeatMs: number
  publishDeadLetter: (record: LogRecord) => Promise<void>
}

/** A look at the file even when nothing seemed to change. */
const idlePollMs = 1_000

export async function startConsumer(options: ConsumeOptions, context: ConsumerContext): Promise<Consumer> {
  const { database, heartbeatMs } = context
  const logger = context.logger.child({ group: options.group })
  const member: Member = { group: options.group, member: uuidv7(), topics: options.topics }
  const policy: DeliveryPolicy = { ...options, logger, publishDeadLetter: context.publishDeadLetter }
  const stopping = new AbortController()
  const maxBatches = options.gatherMs === undefined ? 1 : Infinity
  const inHand = new Map<Claim, AbortController>()
  let last: Claim | null = null
  let lastPollAtMs = Date.now()
  let lastFetchAtMs = -Infinity
  let refreshing: Promise<void> | undefined
  let stopped: Promise<void> | undefined
  let hasFailed = false

  await database.call('refreshMember', [member, []])

  const beat = setInterval(() => (refreshing ??= refresh().finally(() => (refreshing = undefined))), heartbeatMs)

  /** Keeps the claims, and ends a batch in hand if its partition went to somebody else meanwhile. */
  async function refresh(): Promise<void> {
    const busy = [...inHand]
    try {
      const claims = await database.call('refreshMember', [member, busy.map(([claim]) => claim)])
      lastPollAtMs = Date.now()
      for (const [held, lost] of busy) if (!claims.some((claim) => isSame(claim, held))) lost.abort()
      wakeUp()
    } catch (err) {
      logger.warn({ code: errorCode(err) }, 'heartbeat failed')
    }
  }

  // Set by anything that may have brought records, so that a change during a fetch is not slept through.
  let isChanged = false
  let sleeping = new AbortController()
  const wakeUp = () => {
    isChanged = true
    sleeping.abort()
  }
  database.events.on('changed', wakeUp)
  database.events.on('failed', failForGood)

  async function untilWoken(): Promise<void> {
    if (isChanged) return
    sleeping = new AbortController()
    await pause(idlePollMs, AbortSignal.any([sleeping.signal, stopping.signal]))
  }

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      isChanged = false
      try {
        const isIdle = !(await turn())
        failures = 0
        if (isIdle) await untilWoken()
      } catch (err) {
        if (!isRetryable(err)) return failForGood(err as Error)
        logger.warn({ code: errorCode(err), failures: ++failures }, 'log cannot be read now')
        await pause(backoffMs(failures), stopping.signal)
      }
    }
  }

  /** What is fetched at once: settled, committed. False if there was nothing. */
  async function turn(): Promise<boolean> {
    await gather()
    if (stopping.signal.aborted) return false
    const batches = await database.call('fetch', [member, options.maxBatch, maxBatches, last])
    lastPollAtMs = Date.now()
    const settled = await Promise.allSettled(batches.map(settleInHand))
    const failed = settled.find(({ status }) => status === 'rejected')
    if (failed) throw (failed as PromiseRejectedResult).reason
    return batches.length > 0
  }

  /** Between two fetches is time for more to come. */
  async function gather(): Promise<void> {
    const { gatherMs = 0 } = options
    const waitMs = lastFetchAtMs + gatherMs - performance.now()
    if (waitMs > 0) await pause(waitMs, stopping.signal)
    lastFetchAtMs = performance.now()
  }

  async function settleInHand(batch: Batch): Promise<void> {
    last = batch.claim
    const lost = new AbortController()
    inHand.set(batch.claim, lost)
    try {
      await settle(batch, AbortSignal.any([lost.signal, stopping.signal]))
    } finally {
      inHand.delete(batch.claim)
    }
  }

  async function settle({ claim, records }: Batch, signal: AbortSignal): Promise<void> {
    const deliveries = records.map((record) => toDelivery(claim, record))
    const settled = await deliver(deliveries, policy, { signal, mayRetry: () => true })
    if (settled === 0) return
    const isCommitted = await database.call('commit', [member, claim, records[settled - 1]!.offset + 1])
    if (!isCommitted) logger.warn({ ...claim, records: settled }, 'partition was lost, its records are delivered again')
  }

  function failForGood(err: Error): void {
    if (hasFailed || stopping.signal.aborted) return
    hasFailed = true
    stopping.abort()
    clearInterval(beat)
    options.onFatal(err)
  }

  async function shutDown(timeoutMs: number): Promise<void> {
    stopping.abort()
    await Promise.race([running, pause(timeoutMs, done.signal)])
    done.abort()
    clearInterval(beat)
    database.events.off('changed', wakeUp)
    database.events.off('failed', failForGood)
    await refreshing
    await database.call('leave', [member]).catch((err) => {
      logger.warn({ code: errorCode(err) }, 'could not leave the group: its partitions move when the lease ends')
    })
  }

  const done = new AbortController()
  const running = run()
  return {
    stop: ({ timeoutMs = 30_000 } = {}) => (stopped ??= shutDown(timeoutMs)),
    lastPollAtMs: () => lastPollAtMs,
  }
}

function toDelivery({ topic, partition }: Claim, record: StoredRecord): Delivery {
  const { value } = record
  return {
    topic,
    partition,
    offset: String(record.offset),
    key: record.key,
    value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    headers: JSON.parse(record.headers) as Record<string, string>,
    publishedAtMs: record.published_at_ms,
  }
}
