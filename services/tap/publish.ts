import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, isOfSurroundings, UnderstudyError } from '../../shared/errors.ts'
import { type LogRecord } from '../../shared/log/topic-log.ts'
import { type ByteBudget } from './byte-budget.ts'
import { addTo, type Counts, type LedgerGroup } from './ledger.ts'
import { isBlank } from './spool/frame.ts'
import { type Place, type Spool } from './spool/spool.ts'

export type PublishOutcome = { published: true } | { published: false; reason: string }
/** `group`: what the record is counted under. */
export type Outgoing = { group: LedgerGroup; key: string; value: Buffer }
/** `sizeBytes`: taken from the budget. `place`: where the spool has it, too. */
type Item = Outgoing & { sizeBytes: number; place: Place | null; sinceMs: number; isSettled: boolean }

export type Publisher = {
  /** Never waits. */
  enqueue(record: Outgoing): void
  /** The spool has records that were not there before. */
  wake(): void
  /** Moves to the spool what has waited for so long. What is being published is kept there as well. */
  spill(minAgeMs: number): void
  /**
   * Publishes what is queued, for at most `timeoutMs`; where the spool has all of it, for as long as the log takes
   * something every `stallMs`. What is left then stays in the spool, or is given up. True: nothing was left.
   */
  stop(timeoutMs: number, stallMs?: number): Promise<boolean>
}

export type PublisherOptions = {
  publish: (records: LogRecord[]) => Promise<void>
  budget: ByteBudget
  spool?: Spool | null
  /** Each record once: when the log has acknowledged it, or when it is given up. Not if it stays in the spool. */
  settled: (group: LedgerGroup, outcome: PublishOutcome, times: number) => void
  /** Records are gathered for so long, unless there are enough for a batch: each publish is a wait for the disk. */
  lingerMs?: number
  maxBatchBytes?: number
  maxBackoffMs?: number
  onTrouble?: (err: unknown) => void
}

/**
 * A queue bounded in bytes, emptied in batches, with a spool behind it. A log that is away fills the spool, then the
 * queue, and then costs records, counted. What is in the spool is older and goes first.
 */
export function createPublisher(options: PublisherOptions): Publisher {
  const { budget, spool = null, lingerMs = 50, maxBatchBytes = 1_048_576, maxBackoffMs = 5_000 } = options
  const hurrying = new AbortController()
  const stopping = new AbortController()
  let queue: Item[] = []
  let inHand: Item[] = []
  let running: Promise<void> | null = null
  let stall: NodeJS.Timeout | undefined

  function settle(items: Item[], outcome: PublishOutcome): void {
    const settled: Counts = {}
    for (const item of items) {
      item.isSettled = true
      budget.give(item.sizeBytes)
      if (item.place !== null) spool?.settle(item.place)
      addTo(settled, item.group, 1)
    }
    for (const [group, times] of Object.entries(settled)) options.settled(group, outcome, times)
  }

  async function drain(): Promise<void> {
    while (queue.length > 0 || spool?.hasRecords() === true) {
      await linger()
      if (stopping.signal.aborted) break
      inHand = nextBatch()
      if (inHand.length === 0) break
      await publishBatch(withoutErased(inHand))
    }
    running = null
  }

  async function linger(): Promise<void> {
    const isWhole = spool?.hasRecords() === true || takeBatch(queue, maxBatchBytes)[1].length > 0
    await sleep(isWhole ? 0 : lingerMs, undefined, { signal: hurrying.signal }).catch(() => {})
  }

  function nextBatch(): Item[] {
    const spooled = spool?.read(maxBatchBytes) ?? []
    if (spooled.length > 0) return spooled.map(({ place, record }) => itemOf(record, 0, place))
    const [batch, rest] = takeBatch(queue, maxBatchBytes)
    queue = rest
    return batch
  }

  /** The oldest first, until the spool takes no more. */
  function spill(minAgeMs: number): void {
    if (spool === null) return
    const youngestMs = performance.now() - minAgeMs
    for (const item of inHand) {
      if (!item.isSettled && item.sinceMs <= youngestMs) item.place ??= spool.append(item, true)
    }
    let moved = 0
    while (moved < queue.length && queue[moved]!.sinceMs <= youngestMs && spool.append(queue[moved]!, false) !== null) {
      budget.give(queue[moved]!.sizeBytes)
      moved += 1
    }
    queue = queue.slice(moved)
  }

  function isSpooled(): boolean {
    spill(0)
    return spool !== null && queue.length === 0 && inHand.every(({ isSettled, place }) => isSettled || place !== null)
  }

  /** In the spool it waits for the next start; elsewhere it is lost. */
  function leave(items: Item[]): void {
    for (const item of items) {
      item.place ??= spool?.append(item, true) ?? null
      if (item.place === null) settle([item], { published: false, reason: 'shutdown' })
    }
  }

  /** What was erased while it waited in the spool is settled without being published. */
  function withoutErased(batch: Item[]): Item[] {
    const erased = batch.filter(({ value }) => isBlank(value))
    if (erased.length === 0) return batch
    settle(erased, { published: false, reason: 'erased' })
    return batch.filter(({ isSettled }) => !isSettled)
  }

  async function publishBatch(batch: Item[]): Promise<void> {
    if (batch.length === 0) return
    for (let attempt = 0; ; attempt += 1) {
      const err = await attemptBatch(batch)
      if (err === null) {
        stall?.refresh()
        return settle(batch, { published: true })
      }
      if (stopping.signal.aborted) return leave(batch)
      options.onTrouble?.(err)
      if (!isOfSurroundings(err)) return refuse(batch, err)
      await sleep(Math.min(maxBackoffMs, 50 * 2 ** attempt), undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  async function attemptBatch(batch: Item[]): Promise<unknown> {
    if (stopping.signal.aborted) return new Error('stopped')
    const stopped = Promise.withResolvers<never>()
    const stop = () => stopped.reject(new Error('stopped'))
    stopping.signal.addEventListener('abort', stop)
    try {
      await Promise.race([options.publish(batch.map(({ key, value }) => ({ key, value }))), stopped.promise])
      return null
    } catch (err) {
      return err
    } finally {
      stopping.signal.removeEventListener('abort', stop)
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

  function hasRoom(sizeBytes: number): boolean {
    if (budget.take(sizeBytes)) return true
    spill(0)
    return budget.take(sizeBytes)
  }

  function refuseFull({ group }: Outgoing): void {
    const reason = spool === null || spool.isBroken() ? 'queue_full' : 'spool_full'
    options.settled(group, { published: false, reason }, 1)
  }

  function wake(): void {
    if (!stopping.signal.aborted) running ??= drain()
  }

  if (spool?.hasRecords() === true) wake()
  return {
    enqueue(record) {
      if (stopping.signal.aborted) return leave([itemOf(record, 0, null)])
      const sizeBytes = record.value.length
      if (hasRoom(sizeBytes)) queue.push(itemOf(record, sizeBytes, null))
      else if (spool === null || spool.append(record, false) === null) return refuseFull(record)
      wake()
    },
    wake,
    spill,
    async stop(timeoutMs, stallMs = timeoutMs) {
      hurrying.abort()
      const deadline = setTimeout(() => stopping.abort(), timeoutMs)
      if (isSpooled()) stall = setTimeout(() => stopping.abort(), stallMs)
      await running
      clearTimeout(deadline)
      clearTimeout(stall)
      const isAllPublished = !stopping.signal.aborted
      stopping.abort()
      leave(queue)
      queue = []
      return isAllPublished
    },
  }
}

function itemOf(record: Outgoing, sizeBytes: number, place: Place | null): Item {
  return { ...record, sizeBytes, place, sinceMs: performance.now(), isSettled: false }
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

type Publish = (records: LogRecord[]) => Promise<void>

/**
 * A publish that never comes back is taken for lost after `timeoutMs` and may be tried again: records carry their own
 * ids, so a record that did arrive is counted once.
 */
export function givingUpAfter(timeoutMs: number, publish: Publish): Publish {
  return async (records) => {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(unavailable(timeoutMs)), timeoutMs)
    try {
      await Promise.race([publish(records), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}

function unavailable(timeoutMs: number): UnderstudyError {
  return new UnderstudyError(
    'LOG_UNAVAILABLE',
    `The log did not answer within ${timeoutMs} ms: check that it is running.`,
  )
}
