import '../../../shared/young-objects.ts'
import cluster from 'node:cluster'
import { errorCode } from '../../../shared/errors.ts'
import { untilSignalled } from '../../../shared/lifecycle.ts'
import { createLogger } from '../../../shared/logger.ts'
import { type RunningProxy, startProxy } from '../main.ts'
import { createWorkerMirror } from '../mirror/worker-mirror.ts'
import { type FromMember, type MemberStart, type ToMember } from './protocol.ts'

/** One process of the tap. It obeys the one that started it; without that it ends what is under way, and itself. */
const reportIntervalMs = 500

cluster.worker!.exitedAfterDisconnect = true
const started = Promise.withResolvers<MemberStart>()
const stopped = Promise.withResolvers<void>()
let proxy: RunningProxy | null = null

process.on('message', (message: ToMember) => {
  if (message === 'stop') stopped.resolve()
  else if (message === 'read_metrics') void proxy?.metrics.snapshot().then((metrics) => tell({ metrics }))
  else started.resolve(message.start)
})

const over = Promise.race([stopped.promise, untilSignalled()])
try {
  const start = await Promise.race([started.promise, over.then(() => null)])
  if (start !== null) await run(start)
} catch (err) {
  await tell({ failed: { code: errorCode(err), message: err instanceof Error ? err.message : String(err) } })
  process.exit(1)
}
process.exit(0)

async function run({ config, loggerName, logLevel, limits }: MemberStart): Promise<void> {
  const logger = createLogger(loggerName, logLevel)
  const running = await startProxy({ config, mirror: createWorkerMirror({ config, logger }), logger, limits })
  proxy = running
  await tell({ started: running.url })
  const report = () => {
    const isServing = Object.values(running.readiness()).every(Boolean)
    return tell({ report: { isServing, totals: running.totals() } })
  }
  const reporting = setInterval(() => void report(), reportIntervalMs)
  await over
  await running.stop()
  clearInterval(reporting)
  await report()
}

/** Resolves when it was sent, or when there is nobody to hear it. */
function tell(message: FromMember): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send!(message, () => resolve())
    else resolve()
  })
}
