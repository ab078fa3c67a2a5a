import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Config } from '../../../shared/config/schema.ts'
import { errorCode } from '../../../shared/errors.ts'
import { type Topic, type TopicLog } from '../../../shared/log/topic-log.ts'
import { type Logger } from '../../../shared/logger.ts'
import { createByteBudget } from '../byte-budget.ts'
import { type FinishedCopy } from '../capture.ts'
import {
  createLedger,
  groupOf,
  keyOf,
  type LedgerKey,
  type LedgerState,
  startOfHourMs,
  type Totals,
} from '../ledger.ts'
import { createProcessor, type Processed } from '../process.ts'
import { createPublisher, givingUpAfter } from '../publish.ts'
import { openSpool, type SpoolDepth } from '../spool/spool.ts'
import { waitingOf } from '../spool/waiting.ts'
import { type LateLog } from './late-log.ts'
import { inherit, takeOver } from './take-over.ts'

/** Everything behind the data path: makes records of finished copies, publishes them and keeps the ledger. */
export type Mirror = {
  /** Never waits, never throws. `processed` is called once, when the copy's bytes are no longer held. */
  accept(copy: FinishedCopy, processed: () => void): void
  /** Of this run, up to the last exchange accepted. */
  totals(): Totals
  health(): MirrorHealth
  /** Makes records of what was accepted and publishes them, for as long as the limits allow. Safe to call twice. */
  stop(): Promise<void>
}

export type MirrorHealth = {
  /** Records are being made. */
  isAlive: boolean
  /** The log took what it was given last. */
  isLogUp: boolean
  spool: SpoolDepth
}

export const noSpool: SpoolDepth = { records: 0, sizeBytes: 0 }

export type MirrorLimits = {
  /** Records that wait for the log, in memory. */
  maxQueuedBytes: number
  ledgerIntervalMs: number
  /** How often what is known is made safe. */
  saveIntervalMs: number
  /** How often folders of taps that are no more are looked for; they are taken over the second time they are found. */
  adoptIntervalMs: number
  /** How long `stop` waits for the log to take what is queued. */
  flushTimeoutMs: number
  /** How long it waits for a log that takes nothing, where the spool has all of it. */
  stallTimeoutMs: number
  /** A publish that takes longer is taken for lost. */
  publishTimeoutMs: number
}

export const defaultMirrorLimits: MirrorLimits = {
  maxQueuedBytes: 128 * 1_048_576,
  ledgerIntervalMs: 5_000,
  saveIntervalMs: 500,
  adoptIntervalMs: 10_000,
  flushTimeoutMs: 5_000,
  stallTimeoutMs: 1_500,
  publishTimeoutMs: 30_000,
}

export type MirrorOptions = {
  config: Pick<Config, 'tap' | 'routes'>
  log: Pick<TopicLog, 'publish'> & Partial<Pick<LateLog, 'isUp' | 'isAway'>>
  logger: Logger
  limits?: Partial<MirrorLimits>
  /** Null: what the log does not take is kept in memory only. */
  spool?: Config['tap']['spool'] | null
  /** Closes a record before it is kept anywhere. */
  seal?: (conversationId: string, message: string) => string
  /** Where a mirror of this run that died had got to. */
  resume?: MirrorState | null
  /** Gets the state every now and then, with the number of copies it covers. */
  save?: (state: MirrorState, copies: number) => void
}

export type MirrorState = { ledger: LedgerState; folders: { home: string | null; adopted: string[] } }

// A log that is well has a record sooner than this. What waits longer is made safe.
const spillAfterMs = 100

// A turn of the event loop costs as much as an exchange does.
const sliceMs = 2

/** Works in the thread that calls it, for a few exchanges a turn of the event loop. */
export function createMirror({
  config,
  log,
  logger,
  resume = null,
  save = () => {},
  seal = (_, message) => message,
  ...options
}: MirrorOptions): Mirror {
  const limits = { ...defaultMirrorLimits, ...options.limits }
  const trouble = (message: string) => (err: unknown) => logger.warn({ code: errorCode(err) }, message)
  const publishTo = (topic: Topic) => givingUpAfter(limits.publishTimeoutMs, (records) => log.publish(topic, records))
  let counted = 0
  let savedVersion = -1
  /** Of the copies since the last save, in their order; the first `noted` of them are told of on the disk. */
  let unsaved: LedgerKey[] = []
  let noted = 0
  const spool =
    options.spool == null
      ? null
      : openSpool({
          ...options.spool,
          logger,
          onDropped: (group, times, reason) => ledger.count(keyOf(group), 'dropped', reason, times),
        })
  const ledger = createLedger(publishTo('ledger'), { save: saveNow })
  takeOver(ledger, spool?.inherited() ?? [], resume)
  saveNow()
  const publishExchanges = publishTo('exchanges')
  const publisher = createPublisher({
    publish: (records) => {
      noteUnsaved()
      return publishExchanges(records)
    },
    budget: createByteBudget(limits.maxQueuedBytes),
    spool,
    settled: (group, outcome, times) => {
      if (outcome.published) ledger.count(keyOf(group), 'published', undefined, times)
      else ledger.count(keyOf(group), 'dropped', outcome.reason, times)
    },
    onTrouble: trouble('the log did not take exchanges; answers are served all the same'),
  })
  const process = createProcessor(config)
  const accepted: { copy: FinishedCopy; processed: () => void }[] = []
  let working: Promise<void> | null = null
  let stopped: Promise<void> | null = null

  async function work(): Promise<void> {
    while (accepted.length > 0) {
      await nextTurn()
      await workFor(sliceMs)
    }
    working = null
  }

  async function workFor(durationMs: number): Promise<void> {
    const endMs = performance.now() + durationMs
    while (accepted.length > 0 && performance.now() < endMs) {
      const { copy, processed } = accepted.shift()!
      settle(copy, await process(copy).catch(captureError))
      counted += 1
      processed()
    }
  }

  function captureError(err: unknown): Processed {
    trouble('an exchange could not be captured')(err)
    return { route: 'default', outcome: 'dropped', reason: 'capture_error' }
  }

  function settle({ capturedAtMs, upstream }: FinishedCopy, processed: Processed): void {
    const key = { hourMs: startOfHourMs(capturedAtMs), upstream, route: processed.route }
    unsaved.push(key)
    ledger.count(key, 'served')
    if (processed.outcome === 'dropped') return ledger.count(key, 'dropped', processed.reason)
    if (processed.outcome !== 'captured') return ledger.count(key, processed.outcome)
    const { conversationId, message } = processed
    publisher.enqueue({ group: groupOf(key), key: conversationId, value: Buffer.from(seal(conversationId, message)) })
  }

  function saveNow(): void {
    if (ledger.version() === savedVersion && spool?.hasChanged() !== true) return
    savedVersion = ledger.version()
    const state = ledger.state()
    spool?.save(state, counted)
    unsaved = []
    noted = 0
    save({ ledger: state, folders: spool?.names() ?? { home: null, adopted: [] } }, counted)
  }

  /** A tap that is killed after a publish and before its next save has published nothing that it did not tell of. */
  function noteUnsaved(): void {
    if (unsaved.length === noted) return
    noted = unsaved.length
    spool?.note(waitingOf(counted - noted, unsaved))
  }

  function makeSafe(): void {
    publisher.spill(spillAfterMs)
    saveNow()
  }

  function adopt(): void {
    const folders = spool?.adopt() ?? []
    if (folders.length === 0) return
    logger.warn({ folders: folders.map(({ name }) => name) }, 'what another tap left in the spool is taken over')
    inherit(ledger, folders)
    saveNow()
    publisher.wake()
  }

  const flushLedger = () => ledger.flush().catch(trouble('the ledger is kept until the log takes it'))
  const timers = [
    setInterval(() => void flushLedger(), limits.ledgerIntervalMs),
    setInterval(makeSafe, limits.saveIntervalMs),
    setInterval(adopt, limits.adoptIntervalMs),
  ]

  async function stop(): Promise<void> {
    await working
    const stallMs = log.isAway?.() === true ? 0 : limits.stallTimeoutMs
    const isAllPublished = await publisher.stop(limits.flushTimeoutMs, stallMs)
    for (const timer of timers) clearInterval(timer)
    const isSafe = spool !== null && !spool.isBroken()
    if (!isSafe) await within(limits.flushTimeoutMs, flushLedger())
    else if (isAllPublished) await within(stallMs, flushLedger())
    saveNow()
    spool?.close(ledger.state(), counted)
  }

  return {
    accept(copy, processed) {
      accepted.push({ copy, processed })
      working ??= work()
    },
    totals: () => withPending(ledger.totals(), accepted.length),
    health: () => ({ isAlive: true, isLogUp: log.isUp?.() ?? true, spool: spool?.depth() ?? noSpool }),
    stop: () => (stopped ??= stop()),
  }
}

/** Exchanges of which nothing is known but that they were served. */
export function withPending(totals: Totals, more: number): Totals {
  return { ...totals, served: totals.served + more, pending: totals.pending + more }
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  const deadline = Promise.withResolvers<void>()
  const timer = setTimeout(deadline.resolve, timeoutMs)
  await Promise.race([work, deadline.promise])
  clearTimeout(timer)
}
