import { type Running } from './lifecycle.ts'
import { withDeadline } from './log/deadline.ts'
import { type Consumer, type ConsumeOptions, type Topic, type TopicLog } from './log/topic-log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { startOpsServer } from './ops-server.ts'

/** A log that remembers how the consumer of one group fares. */
export type WatchedLog = TopicLog & { watched(): WatchedConsumer | null }
export type WatchedConsumer = {
  group: string
  topics: readonly Topic[]
  lastPollAtMs(): number
  handled(): number
  failed(): number
}

/** Other consumers of the log are none of its business. */
export function watchConsumer(log: TopicLog, group: string): WatchedLog {
  let watched: WatchedConsumer | null = null
  return {
    ...log,
    watched: () => watched,
    async consume(options) {
      if (options.group !== group) return log.consume(options)
      const { handle, handled, failed } = counting(options)
      const consumer: Consumer = await log.consume({ ...options, handle })
      const { topics } = options
      watched = { group, topics, lastPollAtMs: () => consumer.lastPollAtMs(), handled, failed }
      return consumer
    },
  }
}

function counting({ handle }: ConsumeOptions) {
  let [handled, failed] = [0, 0]
  return {
    handled: () => handled,
    failed: () => failed,
    handle: async (...[batch, context]: Parameters<ConsumeOptions['handle']>) => {
      try {
        await handle(batch, context)
        handled += batch.length
      } catch (err) {
        if (!context.signal.aborted) failed += batch.length
        throw err
      }
    },
  }
}

export type ConsumerOpsOptions = {
  log: WatchedLog
  listen: string
  configKey: string
  /** A consumer that did not poll for so long is not alive, whatever its process does. */
  silentAfterMs?: number
}

/** The pages of a stage that consumes. Unhealthy: whoever watches should start the process anew. */
export async function startConsumerOps(options: ConsumerOpsOptions): Promise<Running & { url: string }> {
  const { log, listen, configKey, silentAfterMs = 60_000 } = options
  const metrics = createMetrics()
  watch(metrics, log)
  const polling = () => ({ polling: Date.now() - (log.watched()?.lastPollAtMs() ?? 0) < silentAfterMs })
  return await startOpsServer({ listen, configKey, health: polling, readiness: polling, metrics })
}

const lagTimeoutMs = 2_000

function watch(metrics: Metrics, log: WatchedLog): void {
  const name = (rest: string) => `understudy_consumer_${rest}`
  const of = (read: (watched: WatchedConsumer) => number) => () => {
    const watched = log.watched()
    return watched === null ? {} : { [watched.group]: read(watched) }
  }
  metrics.counter(
    { name: name('handled_total'), help: 'Records whose work is done', label: 'group' },
    of((watched) => watched.handled()),
  )
  metrics.counter(
    {
      name: name('failed_total'),
      help: 'Records whose handling failed; each is handed over again or becomes a dead letter',
      label: 'group',
    },
    of((watched) => watched.failed()),
  )
  metrics.gauge(
    { name: name('poll_age_seconds'), help: 'Time since the log answered last', label: 'group' },
    of((watched) => (Date.now() - watched.lastPollAtMs()) / 1_000),
  )
  metrics.gauge({ name: name('lag'), help: 'Records that wait for this group', label: 'topic' }, () => lagOf(log))
}

/** A log that does not answer has no lag that is known, and keeps no other number from being told. */
async function lagOf(log: WatchedLog): Promise<Record<string, number>> {
  const watched = log.watched()
  if (watched === null) return {}
  const lags = watched.topics.map(async (topic) => [topic, await log.lag(watched.group, topic)] as const)
  return await withDeadline(Promise.all(lags), lagTimeoutMs, 'late').then(
    (entries): Record<string, number> => Object.fromEntries(entries),
    () => ({}),
  )
}
