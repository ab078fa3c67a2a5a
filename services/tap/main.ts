import { type Config, type TapConfig } from '../../shared/config/schema.ts'
import { type OpsOptions, startOpsServer } from '../../shared/ops-server.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { type Logger } from '../../shared/logger.ts'
import { createByteBudget } from './byte-budget.ts'
import { type Totals } from './ledger.ts'
import { createTapMetrics } from './metrics.ts'
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

/** `opsUrl`: null where `tap.ops` is off. */
export type RunningTap = Running & { url: string; opsUrl: string | null; totals(): Totals }

/**
 * Starts the proxy in front of a mirror, which it stops with itself. It serves whether or not the log answers; PORT_TAKEN
 * if one of its addresses is in use.
 */
export async function startTap({ config, mirror, logger, limits }: TapContext): Promise<RunningTap> {
  const { maxHeldBytes, drainTimeoutMs } = { ...defaultLimits, ...limits }
  const pools = createPools(config.tap.upstreams)
  const budget = createByteBudget(maxHeldBytes)
  const metrics = createTapMetrics()
  const tap = createTap({ config, pools, budget, mirror, onAdded: (addedMs) => metrics.observeAdded(addedMs) })
  metrics.watch({ tap, budget, mirror })
  const server = createTapServer(tap)
  let listening = false
  // A log that is down is no reason to be sent nothing: the tap serves all the same.
  const readiness = () => ({ listening, mirror: mirror.health().isAlive })
  let ops: Awaited<ReturnType<typeof startOps>> = null
  try {
    ops = await startOps(config.tap.ops, { readiness, metrics })
    await server.listen(config.tap.listen)
    listening = true
  } catch (err) {
    await ops?.stop()
    await mirror.stop()
    throw err
  }
  const opsUrl = ops?.url ?? null
  logger.info({ url: server.url(), opsUrl, upstreams: [...pools.keys()] }, 'the tap listens')

  async function stop(): Promise<void> {
    listening = false
    await server.close(drainTimeoutMs)
    await tap.settled()
    await mirror.stop()
    await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    await ops?.stop()
    logger.info(mirror.totals(), 'the tap has stopped')
  }

  let stopped: Promise<void> | null = null
  return { url: server.url(), opsUrl, totals: () => mirror.totals(), stop: () => (stopped ??= stop()) }
}

async function startOps(listen: TapConfig['ops'], options: Pick<OpsOptions, 'readiness' | 'metrics'>) {
  return listen === false ? null : await startOpsServer({ ...options, listen, configKey: 'tap.ops' })
}
