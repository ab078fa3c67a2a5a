import { deepEqual, match } from 'node:assert/strict'
import { test } from 'node:test'
import { createMetrics } from '../../shared/metrics.ts'

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
