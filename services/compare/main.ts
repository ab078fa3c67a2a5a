import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { ObservationSet } from '../../shared/contracts/observation.ts'
import { Comparison } from '../../shared/contracts/comparison.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { decodeMessage, encodeMessage } from '../../shared/log/messages.ts'
import { type Delivery, type LogRecord, type TopicLog } from '../../shared/log/topic-log.ts'
import { type Logger } from '../../shared/logger.ts'
import { compareSet, type ComparisonRules } from './compare.ts'

const maxBatch = 32

type CompareParts = { log: TopicLog; logger: Logger; rules?: ComparisonRules }

/** Consumes `observations`, publishes `comparisons`: one record per arm, by conversation. */
export async function startCompare({ log, logger, rules }: CompareParts): Promise<Running> {
  const consumer = await log.consume({
    topics: ['observations'],
    group: 'compare',
    maxBatch,
    handle: (batch, { signal }) => handle(batch, signal, { log, logger, ...(rules && { rules }) }),
    onFatal: (err) => {
      logger.fatal({ err }, 'compare cannot read the log any more')
      // Nobody catches it, so the process ends with an error: what was in hand is delivered again.
      queueMicrotask(() => {
        throw err
      })
    },
  })
  return { stop: () => consumer.stop() }
}

async function handle(batch: Delivery[], signal: AbortSignal, { log, logger, rules }: CompareParts): Promise<void> {
  const records: LogRecord[] = []
  for (const delivery of batch) {
    signal.throwIfAborted()
    records.push(...recordsOf(delivery, rules))
    // Scoring a long answer takes milliseconds: heartbeats and health checks go in between.
    await turnOfTheLoop()
  }
  await log.publish('comparisons', records)
  logger.debug({ sets: batch.length, comparisons: records.length }, 'compared')
}

function recordsOf(delivery: Delivery, rules?: ComparisonRules): LogRecord[] {
  const set = decodeMessage(ObservationSet, delivery.value)
  return compareSet(set, new Date(), rules).map((comparison) => ({
    key: comparison.conversationId,
    value: encodeMessage(Comparison, comparison),
  }))
}
