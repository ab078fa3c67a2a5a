import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Config } from '../../../shared/config/schema.ts'
import { type Logger } from '../../../shared/logger.ts'
import { type Totals } from '../ledger.ts'
import { type RunningTap, startOps, type TapLimits } from '../main.ts'
import { Member } from './member.ts'
import { createClusterMetrics } from './metrics.ts'
import { type MemberStart } from './protocol.ts'
import { noTotals, settledOf, sumOf } from './totals.ts'

export type TapClusterContext = { config: Config; logger: Logger; limits?: Partial<TapLimits> }

const shortestWaitMs = 100
const longestWaitMs = 10_000

/**
 * Starts the tap as `tap.processes` processes behind one address, each with a mirror of its own. This one keeps them
 * running and tells about all of them; it serves nothing itself. PORT_TAKEN if one of the addresses is in use.
 */
export async function startTapCluster({ config, logger, limits = {} }: TapClusterContext): Promise<RunningTap> {
  cluster.schedulingPolicy = cluster.SCHED_RR
  const exec = fileURLToPath(new URL('main.ts', import.meta.url))
  cluster.setupPrimary({ exec, args: [], serialization: 'advanced' })
  const start = memberStart({ config, logger, limits })
  const members = new Set<Member>()
  const stopping = new AbortController()
  /** Of processes that are no more. */
  let past = noTotals
  let restarts = 0

  const totals = (): Totals => sumOf([past, ...[...members].map((member) => member.totals)])
  const serving = () => (stopping.signal.aborted ? 0 : [...members].filter(({ isServing }) => isServing).length)
  const metrics = createClusterMetrics({
    totals,
    serving,
    restarts: () => restarts,
    members: () => Promise.all([...members].map((member) => member.readMetrics())),
  })

  function add(): Member {
    const member = new Member(start)
    members.add(member)
    void retire(member)
    return member
  }

  async function retire(member: Member): Promise<void> {
    await member.ended
    members.delete(member)
    past = sumOf([past, stopping.signal.aborted ? member.totals : settledOf(member.totals)])
    metrics.keepCounts(member.metrics)
  }

  async function keepRunning(first: Member): Promise<void> {
    let waitMs = shortestWaitMs
    for (let member = first; ; member = add()) {
      const startedAtMs = performance.now()
      const { code, message } = await member.ended
      if (performance.now() - startedAtMs > longestWaitMs) waitMs = shortestWaitMs
      if (stopping.signal.aborted) return
      logger.error({ code, message, waitMs }, 'a process of the tap is started again; the others serve')
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return
      waitMs = Math.min(waitMs * 2, longestWaitMs)
      restarts += 1
    }
  }

  async function stop(): Promise<void> {
    stopping.abort()
    await Promise.all([...members].map((member) => member.stop()))
    await ops?.stop()
  }

  let ops: Awaited<ReturnType<typeof startOps>> = null
  let url: string
  const readiness = () => ({ serving: serving(), processes: config.tap.processes })
  const first = Array.from({ length: config.tap.processes }, add)
  try {
    ops = await startOps(config.tap.ops, { readiness, metrics })
    ;[url] = (await Promise.all(first.map((member) => member.started()))) as [string]
  } catch (err) {
    await stop()
    throw err
  }
  for (const member of first) void keepRunning(member)
  logger.info({ url, opsUrl: ops?.url ?? null, processes: config.tap.processes }, 'the tap listens')

  let stopped: Promise<void> | null = null
  return { url, opsUrl: ops?.url ?? null, totals, stop: () => (stopped ??= stop()) }
}

/** What is bounded is bounded for all processes together. */
function memberStart({ config, logger, limits = {} }: TapClusterContext): MemberStart {
  const { spool, processes } = config.tap
  const share = { ...spool, maxBytes: Math.ceil(spool.maxBytes / processes) }
  const loggerName = String(logger.bindings()['name'] ?? 'tap')
  return { config: { ...config, tap: { ...config.tap, spool: share } }, loggerName, logLevel: logger.level, limits }
}
