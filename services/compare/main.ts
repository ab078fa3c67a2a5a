import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { ObservationSet } from '../../shared/contracts/observation.ts'
import { Comparison } from '../../shared/contracts/comparison.ts'
import { type Config } from '../../shared/config/schema.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { decodeMessage, encodeMessage } from '../../shared/log/messages.ts'
import { type Delivery, type LogRecord, type TopicLog } from '../../shared/log/topic-log.ts'
import { type Logger } from '../../shared/logger.ts'
import { compareSet } from './compare.ts'
import { routeSettings, type SettingsOf } from './route-settings.ts'

const maxBatch = 32

type Parts = { config: Pick<Config, 'routes' | 'compare'>; log: TopicLog; logger: Logger }

/** Consumes `observations`, publishes `comparisons`: one record per arm, by conversation. */
export async function startCompare({ config, log, logger }: Parts): Promise<Running> {
  const settingsOf = routeSettings(config)
  const consumer = await log.consume({
    topics: ['observations'],
    group: 'compare',
    maxBatch,
    handle: (batch, { signal }) => handle(batch, signal, log, logger, settingsOf),
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

async function handle(
  batch: Delivery[],
  signal: AbortSignal,
  log: TopicLog,
  logger: Logger,
  settingsOf: SettingsOf,
): Promise<void> {
  const records: LogRecord[] = []
  for (const delivery of batch) {
    signal.throwIfAborted()
    records.push(...recordsOf(delivery, settingsOf))
    // Scoring a long answer takes milliseconds: heartbeats and health checks go in between.
    await turnOfTheLoop()
  }
  await log.publish('comparisons', records)
  logger.debug({ sets: batch.length, comparisons: records.length }, 'compared')
}

function recordsOf(delivery: Delivery, settingsOf: SettingsOf): LogRecord[] {
  const set = decodeMessage(ObservationSet, delivery.value)
  return compareSet(set, new Date(), settingsOf).map((comparison) => ({
    key: comparison.conversationId,
    value: encodeMessage(Comparison, comparison),
  }))
}
