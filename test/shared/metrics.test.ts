import { deepEqual, match } from 'node:assert/strict'
import { test } from 'node:test'
import { combine, createMetrics } from '../../shared/metrics.ts'

const linesOf = (text: string, name: string) => text.split('\n').filter((line) => line.startsWith(name))

test('what is read is read anew each time it is asked for', async () => {
  const metrics = createMetrics()
  let depth = 0
  const totals: Record<string, number> = { served: 3 }
  metrics.gauge({ name: 'depth', help: 'Depth' }, () => depth)
  metrics.counter({ name: 'exchanges_total', help: 'Exchanges', label: 'outcome' }, () => totals)
  deepEqual(linesOf(await metrics.expose(), 'depth'), ['depth 0'])
  depth = 7
  totals['dropped'] = 1
  const text = await metrics.expose()
  deepEqual(linesOf(text, 'depth'), ['depth 7'])
  deepEqual(linesOf(text, 'exchanges_total'), [
    'exchanges_total{outcome="served"} 3',
    'exchanges_total{outcome="dropped"} 1',
  ])
  deepEqual(linesOf(await metrics.expose(), 'exchanges_total'), linesOf(text, 'exchanges_total'))
})

test('a histogram counts into its own buckets, and the process is described beside it', async () => {
  const metrics = createMetrics()
  const observe = metrics.histogram({ name: 'added_seconds', help: 'Added' }, [0.001, 0.01])
  observe(0.0005)
  observe(0.02)
  const text = await metrics.expose()
  deepEqual(linesOf(text, 'added_seconds_bucket'), [
    'added_seconds_bucket{le="0.001"} 1',
    'added_seconds_bucket{le="0.01"} 1',
    'added_seconds_bucket{le="+Inf"} 2',
  ])
  match(text, /^nodejs_eventloop_lag_seconds /m)
})

test('several processes are told of as one: sums, what is the least of all, and counts of those that are no more', async () => {
  const process = (depth: number, isUp: number, addedSeconds: number) => {
    const metrics = createMetrics()
    metrics.gauge({ name: 'depth', help: 'Depth' }, () => depth)
    metrics.gauge({ name: 'up', help: 'Up', together: 'min' }, () => isUp)
    metrics.counter({ name: 'exchanges_total', help: 'Exchanges', label: 'outcome' }, () => ({ served: depth }))
    metrics.histogram({ name: 'added_seconds', help: 'Added' }, [0.001, 0.01])(addedSeconds)
    return metrics.snapshot()
  }
  const two = combine([await process(3, 1, 0.0005), await process(4, 0, 0.005)])
  const text = await combine([await two.snapshot(), await process(5, 1, 0.02)]).expose()
  deepEqual(linesOf(text, 'depth'), ['depth 12'])
  deepEqual(linesOf(text, 'up'), ['up 0'])
  deepEqual(linesOf(text, 'exchanges_total'), ['exchanges_total{outcome="served"} 12'])
  deepEqual(linesOf(text, 'added_seconds_bucket'), [
    'added_seconds_bucket{le="0.001"} 1',
    'added_seconds_bucket{le="0.01"} 2',
    'added_seconds_bucket{le="+Inf"} 3',
  ])
})
