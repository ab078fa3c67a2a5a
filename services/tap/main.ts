import { type Config } from '../../shared/config/schema.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { type Logger } from '../../shared/logger.ts'
import { createByteBudget } from './byte-budget.ts'
import { type Totals } from './ledger.ts'
import { type Mirror } from './mirror/mirror.ts'
import { createTapServer } from './server.ts'
import { createTap } from './tap.ts'
import { createPools } from './upstreams.ts'

export type TapContext = { config: Config; mirror: Mirror; logger: Logger; limits?: Partial<TapLimits> }

export type TapLimits = {
  /** All copies together, until the mirror has worked on them. */
  maxHeldBytes: number
  /** How long running answers may go on after `stop`. */
  drainTimeoutMs: number
}

const defaultLimits: TapLimits = {
  maxHeldBytes: 256 * 1_048_576,
  drainTimeoutMs: 30_000,
}

export type RunningTap = Running & { url: string; totals(): Totals }

/**
 * Starts the proxy in front of a mirror, which it stops with itself. It serves whether or not the log answers; PORT_TAKEN
 * if its address is in use.
 */
export async function startTap({ config, mirror, logger, limits }: TapContext): Promise<RunningTap> {
  const { maxHeldBytes, drainTimeoutMs } = { ...defaultLimits, ...limits }
  const pools = createPools(config.tap.upstreams)
  const tap = createTap({ config, pools, budget: createByteBudget(maxHeldBytes), mirror })
  const server = createTapServer(tap)
  try {
    await server.listen(config.tap.listen)
  } catch (err) {
    await mirror.stop()
    throw err
  }
  logger.info({ url: server.url(), upstreams: [...pools.keys()] }, 'the tap listens')

  async function stop(): Promise<void> {
    await server.close(drainTimeoutMs)
    await tap.settled()
    await mirror.stop()
    await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    logger.info(mirror.totals(), 'the tap has stopped')
  }

  let stopped: Promise<void> | null = null
  return { url: server.url(), totals: () => mirror.totals(), stop: () => (stopped ??= stop()) }
}
