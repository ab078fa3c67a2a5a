import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { ObservationSet } from '../../shared/contracts/observation.ts'
import { Comparison } from '../../shared/contracts/comparison.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { decodeMessage, encodeMessage } from '../../shared/log/messages.ts'
import { type Delivery, type LogRecord, type TopicLog } from '../../shared/log/topic-log.ts'
import { type Logger } from '../../shared/logger.ts'
import { allSettled } from './all-settled.ts'
import { compareSet } from './compare.ts'
import { noSettling, openSettling, type Settling, type SettlingContext } from './settle.ts'

const maxBatch = 32

export type CompareContext = { log: TopicLog; logger: Logger; settling?: SettlingTools }
/** What the steps that ask models need. Without it the ladder decides alone. */
export type SettlingTools = Pick<SettlingContext, 'config' | 'prices'>

/** How long calls in flight may go on after `stop`. */
const graceMs = 25_000

/** Consumes `observations`, publishes `comparisons`: one record per arm, by conversation. */
export async function startCompare({ log, logger, settling }: CompareContext): Promise<Running> {
  const steps = settling === undefined ? noSettling : await openSettling({ ...settling, log, logger })
  const consumer = await log.consume({
    topics: ['observations'],
    group: 'compare',
    maxBatch,
    handle: (batch, { signal }) => handle(batch, signal, steps, log, logger),
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
      await steps.stop()
    },
  }
}

type Compared = { set: ObservationSet; comparisons: Comparison[] }

async function handle(
  batch: Delivery[],
  signal: AbortSignal,
  steps: Settling,
  log: TopicLog,
  logger: Logger,
): Promise<void> {
  const compared: Compared[] = []
  for (const delivery of batch) {
    signal.throwIfAborted()
    compared.push(comparedIn(delivery))
    // Scoring a long answer takes milliseconds: heartbeats and health checks go in between.
    await turnOfTheLoop()
  }
  const settled = await allSettled(compared.map(({ set, comparisons }) => steps.settle(set, comparisons, signal)))
  const records = settled.flat().map(recordOf)
  await log.publish('comparisons', records)
  logger.debug({ sets: batch.length, comparisons: records.length }, 'compared')
}

function comparedIn(delivery: Delivery): Compared {
  const set = decodeMessage(ObservationSet, delivery.value)
  return { set, comparisons: compareSet(set, new Date()) }
}

function recordOf(comparison: Comparison): LogRecord {
  return { key: comparison.conversationId, value: encodeMessage(Comparison, comparison) }
}
