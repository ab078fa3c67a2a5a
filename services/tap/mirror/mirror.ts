import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Config } from '../../../shared/config/schema.ts'
import { errorCode } from '../../../shared/errors.ts'
import { type Topic, type TopicLog } from '../../../shared/log/topic-log.ts'
import { type Logger } from '../../../shared/logger.ts'
import { createByteBudget } from '../byte-budget.ts'
import { type FinishedCopy } from '../capture.ts'
import { createLedger, groupOf, keyOf, type LedgerState, startOfHourMs, type Totals } from '../ledger.ts'
import { createProcessor, type Processed } from '../process.ts'
import { createPublisher, givingUpAfter } from '../publish.ts'

/** Everything behind the data path: makes records of finished copies, publishes them and keeps the ledger. */
export type Mirror = {
  /** Never waits, never throws. `processed` is called once, when the copy's bytes are no longer held. */
  accept(copy: FinishedCopy, processed: () => void): void
  /** Of this run, up to the last exchange accepted. */
  totals(): Totals
  /** Makes records of what was accepted and publishes them, for as long as the limits allow. Safe to call twice. */
  stop(): Promise<void>
}

export type MirrorLimits = {
  /** Records that wait for the log, in memory. */
  maxQueuedBytes: number
  ledgerIntervalMs: number
  /** How often what is known is made safe. */
  saveIntervalMs: number
  /** How long `stop` waits for the log to take what is queued. */
  flushTimeoutMs: number
  /** A publish that takes longer is taken for lost. */
  publishTimeoutMs: number
}

export const defaultMirrorLimits: MirrorLimits = {
  maxQueuedBytes: 128 * 1_048_576,
  ledgerIntervalMs: 5_000,
  saveIntervalMs: 500,
  flushTimeoutMs: 5_000,
  publishTimeoutMs: 30_000,
}

export type MirrorOptions = {
  config: Pick<Config, 'tap' | 'routes'>
  log: Pick<TopicLog, 'publish'>
  logger: Logger
  limits?: Partial<MirrorLimits>
  /** What a mirror that died had counted. What it left open died with it. */
  resume?: LedgerState | null
  /** Gets the state every now and then, with the number of copies it covers. */
  save?: (state: LedgerState, copies: number) => void
}

/** Works in the thread that calls it, one exchange a turn of the event loop. */
export function createMirror({
  config,
  log,
  logger,
  resume = null,
  save = () => {},
  ...options
}: MirrorOptions): Mirror {
  const limits = { ...defaultMirrorLimits, ...options.limits }
  const trouble = (message: string) => (err: unknown) => logger.warn({ code: errorCode(err) }, message)
  const publishTo = (topic: Topic) => givingUpAfter(limits.publishTimeoutMs, (records) => log.publish(topic, records))
  const ledger = createLedger(publishTo('ledger'), { save: saveNow })
  const publisher = createPublisher({
    publish: publishTo('exchanges'),
    budget: createByteBudget(limits.maxQueuedBytes),
    settled: (group, outcome) => {
      if (outcome.published) ledger.count(keyOf(group), 'published')
      else ledger.count(keyOf(group), 'dropped', outcome.reason)
    },
    onTrouble: trouble('the log did not take exchanges; answers are served all the same'),
  })
  const process = createProcessor(config)
  const accepted: { copy: FinishedCopy; processed: () => void }[] = []
  let working: Promise<void> | null = null
  let counted = 0
  let savedVersion = -1
  let stopped: Promise<void> | null = null

  async function work(): Promise<void> {
    for (let next = accepted.shift(); next !== undefined; next = accepted.shift()) {
      await nextTurn()
      settle(next.copy, await process(next.copy).catch(captureError))
      counted += 1
      next.processed()
    }
    working = null
  }

  function captureError(err: unknown): Processed {
    trouble('an exchange could not be captured')(err)
    return { route: 'default', outcome: 'dropped', reason: 'capture_error' }
  }

  function settle({ capturedAtMs, upstream }: FinishedCopy, processed: Processed): void {
    const key = { hourMs: startOfHourMs(capturedAtMs), upstream, route: processed.route }
    ledger.count(key, 'served')
    if (processed.outcome === 'dropped') return ledger.count(key, 'dropped', processed.reason)
    if (processed.outcome !== 'captured') return ledger.count(key, processed.outcome)
    const { conversationId, message } = processed
    publisher.enqueue({ group: groupOf(key), key: conversationId, value: Buffer.from(message) })
  }

  function resumeFrom(state: LedgerState): void {
    ledger.takeOver(state, { sameRun: true })
    for (const [group, times] of Object.entries(state.open)) {
      ledger.count(keyOf(group), 'dropped', 'capture_error', times)
    }
  }

  function saveNow(): void {
    if (ledger.version() === savedVersion) return
    savedVersion = ledger.version()
    save(ledger.state(), counted)
  }

  if (resume !== null) resumeFrom(resume)
  const flushLedger = () => ledger.flush().catch(trouble('the ledger is kept until the log takes it'))
  const timers = [
    setInterval(() => void flushLedger(), limits.ledgerIntervalMs),
    setInterval(saveNow, limits.saveIntervalMs),
  ]

  async function stop(): Promise<void> {
    await working
    await publisher.stop(limits.flushTimeoutMs)
    for (const timer of timers) clearInterval(timer)
    await within(limits.flushTimeoutMs, flushLedger())
    saveNow()
  }

  return {
    accept(copy, processed) {
      accepted.push({ copy, processed })
      working ??= work()
    },
    totals: () => withPending(ledger.totals(), accepted.length),
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
