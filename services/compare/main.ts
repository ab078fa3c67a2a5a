import { availableParallelism } from 'node:os'
import { type Config } from '../../shared/config/schema.ts'
import { describeWaiver, isInForce } from '../../shared/config/waivers.ts'
import { Comparison } from '../../shared/contracts/comparison.ts'
import { ObservationSet } from '../../shared/contracts/observation.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { decodeMessage, encodeMessage } from '../../shared/log/messages.ts'
import { type Delivery, type LogRecord, type TopicLog } from '../../shared/log/topic-log.ts'
import { type Logger } from '../../shared/logger.ts'
import { allSettled } from './all-settled.ts'
import { openSettling, type Settling, type SettlingContext } from './settle.ts'
import { type TermsConfig } from './terms.ts'
import { type ScoringPool, startScoringPool } from './workers/pool.ts'
import { type EncodedComparison, type WorkerData } from './workers/protocol.ts'

const maxBatch = 32
/** Far more than the longest answers take. */
const longestSetMs = 30_000
/** How long calls in flight may go on after `stop`. */
const graceMs = 25_000

export type CompareContext = {
  config: TermsConfig & { compare: Pick<Config['compare'], 'workers'> } & Pick<Config, 'candidates'>
  log: TopicLog
  logger: Logger
  settling?: SettlingTools
  /** How long one set may be scored. */
  setTimeoutMs?: number
}
/** What the steps that ask models need. Without it the ladder decides alone. */
export type SettlingTools = Pick<SettlingContext, 'config' | 'prices'>

/** Consumes `observations`, publishes `comparisons`: one record per arm, by conversation. Scores in threads of its own. */
export async function startCompare(context: CompareContext): Promise<Running> {
  const { log, logger, settling } = context
  const pool = await startPool(context)
  warnOfExpired(context)
  const steps = settling ? await openSettling({ ...settling, log, logger }) : null
  const consumer = await log.consume({
    topics: ['observations'],
    group: 'compare',
    maxBatch,
    // Few requests to the broker. And a judge, who takes long, is waited for in all partitions at the same time.
    gatherMs: 200,
    async handle(batch, { signal }) {
      signal.throwIfAborted()
      const compared = batch.map(({ value }) => comparisonsOf(value, pool, steps, signal))
      // All of them, also where one fails: none is left behind in a thread when the batch is handed over again.
      const records = await orAbort(allSettled(compared), signal, steps === null ? 0 : graceMs)
      await log.publish('comparisons', records.flat())
      logger.debug({ sets: batch.length, comparisons: records.flat().length }, 'compared')
    },
    onFatal: (err) => {
      logger.fatal({ err }, 'compare cannot read the log any more')
      // Nobody catches it, so the process ends with an error: what was in hand is delivered again.
      queueMicrotask(() => {
        throw err
      })
    },
  })
  return {
    async stop() {
      await consumer.stop({ timeoutMs: graceMs })
      await steps?.stop()
      await pool.close()
    },
  }
}

/** Not a mistake that keeps the stage from running: their differences count again, which is what the date is for. */
function warnOfExpired({ config, logger }: CompareContext): void {
  for (const waiver of config.waivers) {
    if (isInForce(waiver, new Date())) continue
    logger.warn(
      { waiver: describeWaiver(waiver), expires: waiver.expires, author: waiver.author },
      'a waiver has expired, so that its differences count again: remove it, or give it a later day',
    )
  }
}

export function startPool({
  config,
  setTimeoutMs,
}: Pick<CompareContext, 'config' | 'setTimeoutMs'>): Promise<ScoringPool> {
  const { waivers, routes, candidates } = config
  const { factVeto, excludeLosses, scorers, workers } = config.compare
  // Every arm of a set, the control too, may take each scorer's whole time.
  const ownMs = scorers.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0) * (candidates.length + 1)
  const size = workers ?? Math.max(1, availableParallelism() - 1)
  const workerData: WorkerData = { waivers, routes, compare: { factVeto, excludeLosses, scorers } }
  return startScoringPool({ size, setTimeoutMs: setTimeoutMs ?? longestSetMs + ownMs, workerData })
}

async function comparisonsOf(
  value: Delivery['value'],
  pool: ScoringPool,
  steps: Settling | null,
  signal: AbortSignal,
): Promise<LogRecord[]> {
  const scored: EncodedComparison[] = await pool.compare(value)
  if (steps === null) return scored
  const comparisons = scored.map((record) => decodeMessage(Comparison, record.value))
  const settled = await steps.settle(decodeMessage(ObservationSet, value), comparisons, signal)
  return settled.map((comparison) => ({ key: comparison.conversationId, value: encodeMessage(Comparison, comparison) }))
}

/** Rejects `afterMs` from when the signal aborts. */
async function orAbort<T>(work: Promise<T>, signal: AbortSignal, afterMs: number): Promise<T> {
  const done = new AbortController()
  const aborted = new Promise<never>((_resolve, reject) => {
    const end = () => setTimeout(() => reject(signal.reason as Error), afterMs).unref()
    signal.addEventListener('abort', end, { once: true, signal: done.signal })
  })
  return await Promise.race([work, aborted]).finally(() => done.abort())
}
