import { readFileSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'
import { canPin } from './process.ts'
import { type About } from './results.ts'

/** Begins to watch the machine; the answer is to be called at the end. */
export function describeRun({
  rounds,
  seconds,
}: {
  rounds: number
  seconds: number
}): (peers: About['peers']) => About {
  const startedAt = new Date()
  const before = { load: loadavg()[0]!, ticks: ticks() }
  return (peers) => {
    const after = ticks()
    return {
      machine: `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${process.platform} ${release()}, Node ${process.version}`,
      startedAt: startedAt.toISOString(),
      minutes: (Date.now() - startedAt.getTime()) / 60_000,
      rounds,
      seconds,
      isPinned: canPin,
      loadAverages: { before: before.load, after: loadavg()[0]! },
      stealShare: (after.steal - before.ticks.steal) / Math.max(1, after.all - before.ticks.all),
      peers,
    }
  }
}

/** Of all processors since the start of the machine (proc(5)). */
function ticks(): { all: number; steal: number } {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1, 9).map(Number)
  return { all: fields.reduce((sum, value) => sum + value, 0), steal: fields[7]! }
}
