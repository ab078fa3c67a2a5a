import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** With `label`: one sample for each of its values. `together`: what several processes say as one; their sum if not said. */
export type MetricName = { name: string; help: string; label?: string; together?: 'sum' | 'min' }
/** A record: by the label's value. */
export type Reading = number | Record<string, number>

/** All samples of one process, as plain data. */
export type Snapshot = { name: string; type: string }[]

/** One process's metrics in the Prometheus text format. What can be read is read when it is asked for, never before. */
export type Metrics = {
  gauge(metric: MetricName, read: () => Reading | Promise<Reading>): void
  /** `read` gives the total since the start. */
  counter(metric: MetricName, read: () => Reading): void
  /** The function that adds one observation. Upper bounds of the buckets in ascending order. */
  histogram(metric: MetricName, buckets: number[]): (value: number) => void
  expose(): Promise<string>
  snapshot(): Promise<Snapshot>
  contentType: string
}

/** Includes what is known of the process itself: memory, CPU, lag of the event loop, garbage collection. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const common = ({ name, help, label, together = 'sum' }: MetricName) => ({
    name,
    help,
    aggregator: together,
    labelNames: label === undefined ? [] : [label],
    registers: [registry],
  })
  return {
    gauge(metric, read) {
      const gauge: Gauge = new Gauge({
        ...common(metric),
        collect: async () => {
          const reading = await read()
          gauge.reset()
          for (const [labels, value] of samplesOf(metric, reading)) gauge.set(labels, value)
        },
      })
    },
    counter(metric, read) {
      const counter: Counter = new Counter({
        ...common(metric),
        collect: () => {
          counter.reset()
          for (const [labels, value] of samplesOf(metric, read())) counter.inc(labels, value)
        },
      })
    },
    histogram(metric, buckets) {
      const histogram = new Histogram({ ...common(metric), buckets })
      return (value) => histogram.observe(value)
    },
    expose: () => registry.metrics(),
    snapshot: async () => (await registry.getMetricsAsJSON()) as unknown as Snapshot,
    contentType: registry.contentType,
  }
}

/** Several processes' metrics as those of one. */
export function combine(snapshots: readonly Snapshot[]): Pick<Metrics, 'expose' | 'snapshot'> {
  const registry = AggregatorRegistry.aggregate([...snapshots])
  return {
    expose: () => registry.metrics(),
    snapshot: async () => (await registry.getMetricsAsJSON()) as unknown as Snapshot,
  }
}

function samplesOf({ label }: MetricName, reading: Reading): [labels: Record<string, string>, value: number][] {
  if (typeof reading === 'number') return [[{}, reading]]
  return Object.entries(reading).map(([value, count]) => [{ [label!]: value }, count])
}
