import { availableParallelism } from 'node:os'
import { type Config } from '../../shared/config/schema.ts'
import { describeWaiver, isInForce } from '../../shared/config/waivers.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { type Delivery, type TopicLog } from '../../shared/log/topic-log.ts'
import { type Logger } from '../../shared/logger.ts'
import { type WorkerData } from './workers/protocol.ts'
import { type ScoringPool, startScoringPool } from './workers/pool.ts'

const maxBatch = 32
/** Far more than the longest answers take. */
const longestSetMs = 30_000

export type CompareContext = {
  config: { compare: Pick<Config['compare'], 'workers' | 'scorers'> } & Pick<Config, 'waivers' | 'candidates'>
  log: TopicLog
  logger: Logger
  /** How long one set may be scored. */
  setTimeoutMs?: number
}

/** Consumes `observations`, publishes `comparisons`: one record per arm, by conversation. Scores in threads of its own. */
export async function startCompare(context: CompareContext): Promise<Running> {
  const { log, logger } = context
  const pool = await startPool(context)
  warnOfExpired(context)
  const consumer = await log.consume({
    topics: ['observations'],
    group: 'compare',
    maxBatch,
    handle: (batch, { signal }) => handle(batch, signal, pool, log, logger),
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
      await consumer.stop()
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
  const { scorers } = config.compare
  // Every arm of a set, the control too, may take each scorer's whole time.
  const ownMs = scorers.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0) * (config.candidates.length + 1)
  const size = config.compare.workers ?? Math.max(1, availableParallelism() - 1)
  const workerData: WorkerData = { waivers: config.waivers, scorers }
  return startScoringPool({ size, setTimeoutMs: setTimeoutMs ?? longestSetMs + ownMs, workerData })
}

async function handle(
  batch: Delivery[],
  signal: AbortSignal,
  pool: ScoringPool,
  log: TopicLog,
  logger: Logger,
): Promise<void> {
  signal.throwIfAborted()
  // All of them, also where one fails: none is left behind in a thread when the batch is handed over again.
  const compared = await Promise.race([
    Promise.allSettled(batch.map(({ value }) => pool.compare(value))),
    abortOf(signal),
  ])
  const failed = compared.find((each) => each.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  const records = compared.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
  await log.publish('comparisons', records)
  logger.debug({ sets: batch.length, comparisons: records.length }, 'compared')
}

/** Never resolves. */
function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}
