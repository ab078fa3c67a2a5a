import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, isRetryable, UnderstudyError } from '../../shared/errors.ts'
import { type LogRecord } from '../../shared/log/topic-log.ts'
import { type ByteBudget } from './byte-budget.ts'
import { type LedgerGroup } from './ledger.ts'

export type PublishOutcome = { published: true } | { published: false; reason: string }
/** `group`: what the record is counted under. */
export type Outgoing = { group: LedgerGroup; key: string; value: Buffer }
type Item = Outgoing & { sizeBytes: number }

export type Publisher = {
  /** Never waits. */
  enqueue(record: Outgoing): void
  /** Publishes what is queued, for at most `timeoutMs`; what is left then is given up with the reason `shutdown`. */
  stop(timeoutMs: number): Promise<void>
}

export type PublisherOptions = {
  publish: (records: LogRecord[]) => Promise<void>
  budget: ByteBudget
  /** Called once for each record: when the log has acknowledged it, or when it is given up. */
  settled: (group: LedgerGroup, outcome: PublishOutcome) => void
  lingerMs?: number
  maxBatchBytes?: number
  maxBackoffMs?: number
  onTrouble?: (err: unknown) => void
}

/** A queue bounded in bytes, emptied in batches. A log that is away fills the queue and then costs records, counted. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { budget, lingerMs = 25, maxBatchBytes = 1_048_576, maxBackoffMs = 5_000 } = options
  const stopping = new AbortController()
  const stopped = rejectionOn(stopping.signal)
  let queue: Item[] = []
  let running: Promise<void> | null = null

  function settle(items: Item[], outcome: PublishOutcome): void {
    for (const { sizeBytes, group } of items) {
      budget.give(sizeBytes)
      options.settled(group, outcome)
    }
  }

  async function drain(): Promise<void> {
    await sleep(lingerMs)
    while (queue.length > 0 && !stopping.signal.aborted) {
      const [batch, rest] = takeBatch(queue, maxBatchBytes)
      queue = rest
      await publishBatch(batch)
    }
    running = null
  }

  async function publishBatch(batch: Item[]): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const err = await attemptBatch(batch)
      if (err === null) return settle(batch, { published: true })
      if (stopping.signal.aborted) return settle(batch, { published: false, reason: 'shutdown' })
      options.onTrouble?.(err)
      if (!isRetryable(err)) return refuse(batch, err)
      await sleep(Math.min(maxBackoffMs, 50 * 2 ** attempt), undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  async function attemptBatch(batch: Item[]): Promise<unknown> {
    try {
      await Promise.race([options.publish(batch.map(({ key, value }) => ({ key, value }))), stopped])
      return null
    } catch (err) {
      return err
    }
  }

  /** One record the log will never take must not cost the others of its batch. */
  async function refuse(batch: Item[], err: unknown): Promise<void> {
    if (batch.length > 1) {
      for (const item of batch) await publishBatch([item])
      return
    }
    const reason = errorCode(err) === 'LOG_RECORD_TOO_LARGE' ? 'record_too_large' : 'log_refused'
    settle(batch, { published: false, reason })
  }

  return {
    enqueue(record) {
      const sizeBytes = record.value.length
      if (stopping.signal.aborted) return options.settled(record.group, { published: false, reason: 'shutdown' })
      if (!budget.take(sizeBytes)) return options.settled(record.group, { published: false, reason: 'queue_full' })
      queue.push({ ...record, sizeBytes })
      running ??= drain()
    },
    async stop(timeoutMs) {
      const deadline = setTimeout(() => stopping.abort(), timeoutMs)
      await running
      clearTimeout(deadline)
      stopping.abort()
      settle(queue, { published: false, reason: 'shutdown' })
      queue = []
    },
  }
}

function takeBatch(queue: Item[], maxBytes: number): [batch: Item[], rest: Item[]] {
  let sizeBytes = 0
  let count = 0
  while (count < queue.length && (count === 0 || sizeBytes + queue[count]!.sizeBytes <= maxBytes)) {
    sizeBytes += queue[count]!.sizeBytes
    count += 1
  }
  return [queue.slice(0, count), queue.slice(count)]
}

function rejectionOn(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true })
  promise.catch(() => {})
  return promise
}

type Publish = (records: LogRecord[]) => Promise<void>

/**
 * A publish that never comes back is taken for lost after `timeoutMs` and may be tried again: records carry their own
 * ids, so a record that did arrive is counted once.
 */
export function givingUpAfter(timeoutMs: number, publish: Publish): Publish {
  return async (records) => {
    const answered = new AbortController()
    try {
      await Promise.race([publish(records), unavailableAfter(timeoutMs, answered.signal)])
    } finally {
      answered.abort()
    }
  }
}

async function unavailableAfter(timeoutMs: number, answered: AbortSignal): Promise<void> {
  await sleep(timeoutMs, undefined, { signal: answered }).catch(() => {})
  throw new UnderstudyError(
    'LOG_UNAVAILABLE',
    `The log did not answer within ${timeoutMs} ms: check that it is running.`,
  )
}
