import { type Config } from '../../shared/config/schema.ts'
import { errorCode } from '../../shared/errors.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { type Topic, type TopicLog } from '../../shared/log/topic-log.ts'
import { type Logger } from '../../shared/logger.ts'
import { createByteBudget } from './byte-budget.ts'
import { createLedger, type Totals } from './ledger.ts'
import { createPublisher, givingUpAfter } from './publish.ts'
import { createTapServer } from './server.ts'
import { createTap } from './tap.ts'
import { createPools } from './upstreams.ts'

export type TapContext = { config: Config; log: TopicLog; logger: Logger; limits?: Partial<TapLimits> }

export type TapLimits = {
  /** All copies and queued records together. */
  maxHeldBytes: number
  ledgerIntervalMs: number
  /** How long running answers may go on after `stop`. */
  drainTimeoutMs: number
  /** How long `stop` waits for the log to take what is queued. */
  flushTimeoutMs: number
  /** A publish that takes longer is taken for lost. */
  publishTimeoutMs: number
}

const defaultLimits: TapLimits = {
  maxHeldBytes: 256 * 1_048_576,
  ledgerIntervalMs: 5_000,
  drainTimeoutMs: 30_000,
  flushTimeoutMs: 5_000,
  publishTimeoutMs: 30_000,
}

export type RunningTap = Running & { url: string; totals(): Totals }

/** Starts the proxy. It serves whether or not the log answers; PORT_TAKEN if its address is in use. */
export async function startTap({ config, log, logger, limits }: TapContext): Promise<RunningTap> {
  const { maxHeldBytes, ledgerIntervalMs, drainTimeoutMs, flushTimeoutMs, publishTimeoutMs } = {
    ...defaultLimits,
    ...limits,
  }
  const trouble = (message: string) => (err: unknown) => logger.warn({ code: errorCode(err) }, message)
  const budget = createByteBudget(maxHeldBytes)
  const publishTo = (topic: Topic) => givingUpAfter(publishTimeoutMs, (records) => log.publish(topic, records))
  const ledger = createLedger(publishTo('ledger'))
  const publisher = createPublisher({
    publish: publishTo('exchanges'),
    budget,
    onTrouble: trouble('the log did not take exchanges; answers are served all the same'),
  })
  const pools = createPools(config.tap.upstreams)
  const onTrouble = trouble('an exchange could not be captured')
  const tap = createTap({ config, pools, budget, ledger, publisher, onTrouble })
  const server = createTapServer(tap)
  await server.listen(config.tap.listen)
  logger.info({ url: server.url(), upstreams: [...pools.keys()] }, 'the tap listens')
  const flushLedger = () => ledger.flush().catch(trouble('the ledger is kept until the log takes it'))
  const timer = setInterval(() => void flushLedger(), ledgerIntervalMs)

  async function stop(): Promise<void> {
    await server.close(drainTimeoutMs)
    await tap.settled()
    await publisher.stop(flushTimeoutMs)
    clearInterval(timer)
    await within(flushTimeoutMs, flushLedger())
    await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    logger.info(ledger.totals(), 'the tap has stopped')
  }

  let stopped: Promise<void> | null = null
  return { url: server.url(), totals: () => ledger.totals(), stop: () => (stopped ??= stop()) }
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  const deadline = Promise.withResolvers<void>()
  const timer = setTimeout(deadline.resolve, timeoutMs)
  await Promise.race([work, deadline.promise])
  clearTimeout(timer)
}
