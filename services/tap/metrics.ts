import { createMetrics, type Metrics } from '../../shared/metrics.ts'
import { type ByteBudget } from './byte-budget.ts'
import { type Totals } from './ledger.ts'
import { type Mirror } from './mirror/mirror.ts'
import { type Tap } from './tap.ts'

export type TapMetrics = Metrics & {
  /** Starts to read from these. */
  watch(parts: { tap: Pick<Tap, 'inFlight'>; budget: ByteBudget; mirror: Pick<Mirror, 'health'> }): void
  /** Time that the tap itself added to one exchange. */
  observeAdded(addedMs: number): void
}

// From 50 µs to 100 ms.
const addedBucketsSeconds = [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1]

/** Of one process. */
export function createTapMetrics(): TapMetrics {
  const metrics = createMetrics()
  const added = metrics.histogram(
    {
      name: 'understudy_tap_added_seconds',
      help: 'Time the tap itself kept the head of a request and the head of its answer, both together',
    },
    addedBucketsSeconds,
  )
  return {
    ...metrics,
    observeAdded: (addedMs) => added(addedMs / 1_000),
    watch({ tap, budget, mirror }) {
      const gauge = (name: string, help: string, read: () => number, together: 'sum' | 'min' = 'sum') =>
        metrics.gauge({ name: `understudy_tap_${name}`, help, together }, read)
      gauge('in_flight', 'Exchanges under way', () => tap.inFlight())
      gauge('held_bytes', 'Memory of all copies that were not worked on yet', () => budget.heldBytes())
      const isAlive = () => Number(mirror.health().isAlive)
      gauge('mirror_up', '1 if the thread that makes records is running', isAlive, 'min')
      gauge('log_up', '1 if the log took what it was given last', () => Number(mirror.health().isLogUp), 'min')
      gauge('spool_records', 'Records that wait on the disk for the log', () => mirror.health().spool.records)
      gauge('spool_bytes', 'Size of the spool on the disk', () => mirror.health().spool.sizeBytes)
    },
  }
}

/** served = sampled_out + opted_out + unsupported + dropped + published + pending, at any moment. */
export function watchLedger(metrics: Metrics, totals: () => Totals): void {
  const pending = {
    name: 'understudy_tap_pending',
    help: 'Exchanges that were served and have no outcome yet',
  }
  metrics.gauge(pending, () => totals().pending)
  const exchanges = {
    name: 'understudy_tap_exchanges_total',
    help: 'Exchanges by what became of them',
    label: 'outcome',
  }
  metrics.counter(exchanges, () => {
    const { pending: _pending, droppedByReason: _reasons, ...counts } = totals()
    return counts
  })
  const dropped = { name: 'understudy_tap_dropped_total', help: 'Exchanges that were lost, by reason', label: 'reason' }
  metrics.counter(dropped, () => totals().droppedByReason)
}
