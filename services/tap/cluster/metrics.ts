import { combine, createMetrics, type Metrics, type Snapshot } from '../../../shared/metrics.ts'
import { type Totals } from '../ledger.ts'
import { watchLedger } from '../metrics.ts'
import { neverLower } from './totals.ts'

export type ClusterMetrics = Pick<Metrics, 'expose' | 'contentType'> & {
  /** A process is no more. What it has counted stays: a sum that goes down is taken for a counter that began again. */
  keepCounts(last: Snapshot): void
}

export type ClusterReadings = {
  totals: () => Totals
  serving: () => number
  restarts: () => number
  members: () => Promise<Snapshot[]>
}

/** One page for all processes, this one included. */
export function createClusterMetrics({ totals, serving, restarts, members }: ClusterReadings): ClusterMetrics {
  const own = createMetrics()
  watchLedger(own, neverLower(totals))
  own.gauge({ name: 'understudy_tap_processes', help: 'Processes of the tap that serve' }, serving)
  own.counter(
    { name: 'understudy_tap_process_restarts_total', help: 'Processes of the tap that were started again' },
    restarts,
  )
  let kept: Promise<Snapshot> = Promise.resolve([])
  return {
    contentType: own.contentType,
    keepCounts(last) {
      const counts = last.filter(({ type }) => type === 'counter' || type === 'histogram')
      kept = kept.then((before) => combine([before, counts]).snapshot())
    },
    async expose() {
      const latest = await members()
      return combine([await own.snapshot(), await kept, ...latest]).expose()
    },
  }
}
