import { type Config } from '../../shared/config/schema.ts'
import { type ErasureList } from '../../shared/erasure/erasure-list.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { type TopicLog } from '../../shared/log/topic-log.ts'
import { type Logger } from '../../shared/logger.ts'
import { type PriceBook } from '../../shared/pricing/price-book.ts'
import { openTransport } from '../../shared/providers/open-transport.ts'
import { openArms } from './arms.ts'
import { createGate } from './gate.ts'
import { createPace } from './pace.ts'
import { openState } from '../../shared/limits/open.ts'
import { type LimitsState } from '../../shared/limits/limits-state.ts'
import { createWorker } from './worker.ts'

/** How long calls in flight may go on after `stop`. What is not published by then is asked again by the next consumer. */
const graceMs = 25_000

export type ReplayContext = {
  config: Config
  log: TopicLog
  logger: Logger
  prices: PriceBook
  state?: LimitsState
  erasures?: ErasureList | undefined
}

/** Asks every arm what the served model was asked: `exchanges` in, `observations` out. */
export async function startReplay(context: ReplayContext): Promise<Running> {
  const { config, log, logger, prices, erasures } = context
  const transport = openTransport(config, logger)
  const halt = new AbortController()
  const arms = openArms(config, transport)
  const state = context.state ?? (await openState(config.log, log, logger))
  const gate = createGate({ state, providers: config.providers, logger, armWaitMs: config.replay.armWaitMs })
  const inFlight = Math.max(...arms.map(({ arm }) => arm.limits.concurrency))
  const publish: TopicLog['publish'] = (topic, records) => log.publish(topic, records)
  const pace = createPace(config.replay.pace)
  const handle = createWorker({ arms, gate, state, prices, publish, pace, inFlight, halted: halt.signal, erasures })
  const consumer = await log.consume({
    topics: ['exchanges'],
    group: 'replay',
    // Few requests to the broker. And the last call of a batch is waited for in all partitions at the same time.
    gatherMs: 200,
    // Small, because a batch cut short by a stop is asked again; several times what is in flight, because the last
    // call is waited for alone.
    maxBatch: Math.min(4 * inFlight, 64),
    handle: (batch, { signal }) => handle(batch, signal),
    onFatal: (err) => {
      logger.fatal({ err }, 'replay can no longer read the topic exchanges: the process ends')
      process.exit(1)
    },
  })
  async function stop(): Promise<void> {
    await consumer.stop({ timeoutMs: graceMs })
    halt.abort()
    await transport.close()
    await state.close()
  }
  let stopped: Promise<void> | undefined
  return { stop: () => (stopped ??= stop()) }
}
