import { type Config, type TapConfig } from '../../shared/config/schema.ts'
import { type OpsOptions, type Readiness, startOpsServer } from '../../shared/ops-server.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { type Logger } from '../../shared/logger.ts'
import { type Metrics } from '../../shared/metrics.ts'
import { createByteBudget } from './byte-budget.ts'
import { type Totals } from './ledger.ts'
import { createTapMetrics, watchLedger } from './metrics.ts'
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

/** A tap without its ops port. */
export type RunningProxy = Running & { url: string; totals(): Totals; readiness(): Readiness; metrics: Metrics }

/**
 * Starts the tap in this process: the proxy in front of a mirror, and its ops port. PORT_TAKEN if one of its addresses is
 * in use.
 */
export async function startTap(context: TapContext): Promise<RunningTap> {
  const proxy = await startProxy(context)
  watchLedger(proxy.metrics, () => proxy.totals())
  let ops: Awaited<ReturnType<typeof startOps>>
  try {
    ops = await startOps(context.config.tap.ops, { readiness: () => proxy.readiness(), metrics: proxy.metrics })
  } catch (err) {
    await proxy.stop()
    throw err
  }

  async function stop(): Promise<void> {
    await proxy.stop()
    await ops?.stop()
  }

  let stopped: Promise<void> | null = null
  return {
    url: proxy.url,
    opsUrl: ops?.url ?? null,
    totals: () => proxy.totals(),
    stop: () => (stopped ??= stop()),
  }
}

/** Starts the proxy in front of a mirror, which it stops with itself. It serves whether or not the log answers. */
export async function startProxy({ config, mirror, logger, limits }: TapContext): Promise<RunningProxy> {
  const { maxHeldBytes, drainTimeoutMs } = { ...defaultLimits, ...limits }
  const pools = createPools(config.tap.upstreams)
  const budget = createByteBudget(maxHeldBytes)
  const metrics = createTapMetrics()
  const tap = createTap({ config, pools, budget, mirror, onAdded: (addedMs) => metrics.observeAdded(addedMs) })
  metrics.watch({ tap, budget, mirror })
  const server = createTapServer(tap)
  try {
    await server.listen(config.tap.listen)
  } catch (err) {
    await mirror.stop()
    throw err
  }
  let listening = true
  logger.info({ url: server.url(), upstreams: [...pools.keys()] }, 'the tap listens')

  async function stop(): Promise<void> {
    listening = false
    await server.close(drainTimeoutMs)
    await tap.settled()
    await mirror.stop()
    await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    logger.info(mirror.totals(), 'the tap has stopped')
  }

  let stopped: Promise<void> | null = null
  return {
    url: server.url(),
    totals: () => mirror.totals(),
    // A log that is down is no reason to be sent nothing: the tap serves all the same.
    readiness: () => ({ listening, mirror: mirror.health().isAlive }),
    metrics,
    stop: () => (stopped ??= stop()),
  }
}

export async function startOps(listen: TapConfig['ops'], options: Pick<OpsOptions, 'readiness' | 'metrics'>) {
  return listen === false ? null : await startOpsServer({ ...options, listen, configKey: 'tap.ops' })
}
