import { errorCode, isRetryable } from '../../errors.ts'
import { uuidv7 } from '../../ids.ts'
import { type Logger } from '../../logger.ts'
import { backoffMs, pause } from '../backoff.ts'
import { deliver, type DeliveryPolicy } from '../delivery-policy.ts'
import { type ConsumeOptions, type Consumer, type Delivery, type LogRecord } from '../topic-log.ts'
import { type Batch, type StoredRecord } from './database.ts'
import { type Claim, type Member } from './membership.ts'
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
  let inHand: { claim: Claim; lost: AbortController } | null = null
  let last: Claim | null = null
  let lastPollAtMs = Date.now()
  let refreshing: Promise<void> | undefined
  let stopped: Promise<void> | undefined
  let hasFailed = false

  await database.call('refreshMember', [member, null])

  const beat = setInterval(() => (refreshing ??= refresh().finally(() => (refreshing = undefined))), heartbeatMs)

  /** Keeps the claims, and ends the batch in hand if its partition went to somebody else meanwhile. */
  async function refresh(): Promise<void> {
    const busy = inHand
    try {
      const claims = await database.call('refreshMember', [member, busy?.claim ?? null])
      lastPollAtMs = Date.now()
      if (busy && !claims.some((claim) => isSame(claim, busy.claim))) busy.lost.abort()
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

  /** One batch: fetched, settled, committed. False if there was none. */
  async function turn(): Promise<boolean> {
    const batch = await database.call('fetch', [member, options.maxBatch, last])
    lastPollAtMs = Date.now()
    if (!batch) return false
    last = batch.claim
    const lost = new AbortController()
    inHand = { claim: batch.claim, lost }
    try {
      await settle(batch, AbortSignal.any([lost.signal, stopping.signal]))
    } finally {
      inHand = null
    }
    return true
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

function isSame(one: Claim, other: Claim): boolean {
  return one.topic === other.topic && one.partition === other.partition && one.epoch === other.epoch
}
