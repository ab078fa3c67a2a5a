import { bodyKiB } from './cells.ts'
import { added, type Results, series } from './results.ts'
import { addedRatios, bootstrap, type Interval, median, ratios, slopeInterval } from './statistics.ts'

/** `gate`: must hold. `goal`: where we want to be. */
export type Rule = {
  id: string
  kind: 'gate' | 'goal'
  claim: string
  bound: { atMost: number } | { atLeast: number }
  measure: (results: Results) => Measured
}

/** `isMockBound`: what it is compared with was held up by the clients, so the comparison flatters. */
type Measured = Interval & { isMockBound?: boolean }

export type Ruling = Omit<Rule, 'measure'> & Interval & { outcome: 'pass' | 'fail' | 'not measured' | 'mock-bound' }

/** Passes only where the bad end of its interval passes. */
export function rule({ measure, ...said }: Rule, results: Results): Ruling {
  const { isMockBound = false, ...interval } = measure(results)
  return { ...said, ...interval, outcome: isMockBound ? 'mock-bound' : outcomeOf(said.bound, interval) }
}

function outcomeOf(bound: Rule['bound'], { low, high }: Interval): Ruling['outcome'] {
  if (Number.isNaN(low) || Number.isNaN(high)) return 'not measured'
  return ('atMost' in bound ? high <= bound.atMost : low >= bound.atLeast) ? 'pass' : 'fail'
}

type Compared = { cell: string; metric: string; of?: string; to: string }

/** Of the tap to another, inside each round. */
const ratio =
  ({ cell, metric, of = 'tap', to }: Compared): Rule['measure'] =>
  (results) => ({
    ...bootstrap(ratios(series(results, cell, of, metric), series(results, cell, to, metric))),
    isMockBound: metric === 'rps' && isMockBound(results, cell, to),
  })

/** The clients and the provider had no time left on their core. */
export function isMockBound(results: Results, cell: string, subject: string): boolean {
  return median(series(results, cell, subject, 'clientShare')) > 0.9
}

/** The same of what each adds to the direct way. */
const addedRatio =
  ({ cell, metric, of = 'tap', to }: Compared): Rule['measure'] =>
  (results) =>
    bootstrap(addedRatios(added(results, cell, of, metric), added(results, cell, to, metric)))

/** The worst round counts. */
const worst =
  (values: (results: Results) => number[]): Rule['measure'] =>
  (results) => {
    const seen = values(results)
    const most = seen.length === 0 ? Number.NaN : Math.max(...seen)
    return { median: most, low: most, high: most }
  }

const npmProxies = ['httpxy', 'fast-proxy', '@fastify/http-proxy']

function bestNpmProxy(results: Results): number[] {
  const rates = npmProxies.map((name) => series(results, 'c=32', name, 'rps')).filter((rps) => rps.length > 0)
  return (rates[0] ?? []).map((_, round) => Math.max(...rates.map((rps) => rps[round] ?? Number.NaN)))
}

/** Added microseconds for each KiB of request body from the smallest to the largest, by round. */
export function bodySlopes(results: Results, subject: string): number[] {
  const [least, most] = [bodyKiB[0], bodyKiB.at(-1)!]
  const [small, large] = [least, most].map((size) => added(results, 'bodies', subject, `p50Us.${size}`))
  return large!.map((value, round) => (value - small![round]!) / (most - least))
}

/** What happens while memory is first taken is no growth. */
export function memoryGrowth(results: Results, subject: string): Interval {
  const points = results.memory[subject] ?? []
  return slopeInterval(points.slice(Math.floor(points.length / 3)))
}

function wrongStreams(results: Results): number[] {
  const metrics = ['broken', 'altered', 'lostFrames'].map((metric) => series(results, 'streams', 'tap', metric))
  return (metrics[0] ?? []).map((_, round) => metrics.reduce((sum, values) => sum + values[round]!, 0))
}

/** Exchanges without an end in the ledger, over every cell. */
function unaccounted(results: Results): number[] {
  return Object.values(results.cells).flatMap((cell) =>
    Object.values(cell)
      .flat()
      .flatMap((sample) => sample['unaccounted'] ?? []),
  )
}

type Row = [id: string, claim: string, bound: Rule['bound'], measure: Rule['measure']]

const gateRows: Row[] = [
  [
    'T9',
    'CPU an exchange, forwarding thread / bare',
    { atMost: 1.15 },
    ratio({ cell: 'c=32', metric: 'mainUs', to: 'bare' }),
  ],
  ['T9', 'CPU an exchange, all threads / bare', { atMost: 1.8 }, ratio({ cell: 'c=32', metric: 'allUs', to: 'bare' })],
  [
    'T9',
    'CPU an exchange, all threads / Portkey',
    { atMost: 1 / 8 },
    ratio({ cell: 'c=32', metric: 'allUs', to: 'Portkey' }),
  ],
  ['T4', 'req/s on one core / bare', { atLeast: 0.75 }, ratio({ cell: 'c=32', metric: 'rps', to: 'bare' })],
  ['T2', 'req/s on one core / Portkey', { atLeast: 10 }, ratio({ cell: 'c=32', metric: 'rps', to: 'Portkey' })],
  ['T10', 'req/s, mirror on / off', { atLeast: 0.92 }, ratio({ cell: 'c=32', metric: 'rps', to: 'tap, mirror off' })],
  ['T6', 'added p50 at c=1 / bare', { atMost: 1.15 }, addedRatio({ cell: 'c=1', metric: 'p50Us', to: 'bare' })],
  ['T6', 'added p99 at c=1 / bare', { atMost: 1.15 }, addedRatio({ cell: 'c=1', metric: 'p99Us', to: 'bare' })],
  ['T7', 'added p99 at c=1 / Portkey', { atMost: 1 / 8 }, addedRatio({ cell: 'c=1', metric: 'p99Us', to: 'Portkey' })],
  [
    'T11',
    'p99 with a broker that never answers / mirror off',
    { atMost: 1.05 },
    ratio({ cell: 'broker', metric: 'p99Us', of: 'tap, dead broker', to: 'tap, mirror off' }),
  ],
  [
    'T11',
    'failed requests with a broker that never answers',
    { atMost: 0 },
    worst((results) => series(results, 'broker', 'tap, dead broker', 'failed')),
  ],
  [
    'T12',
    'added time to first frame, p99 / relay',
    { atMost: 1.2 },
    addedRatio({ cell: 'stream', metric: 'ttftP99Us', to: 'relay' }),
  ],
  [
    'T13',
    'added gap between frames, p99 / relay',
    { atMost: 1.2 },
    addedRatio({ cell: 'stream', metric: 'gapP99Us', to: 'relay' }),
  ],
  ['T14', '512 streams: broken, altered, frames lost', { atMost: 0 }, worst(wrongStreams)],
  ['T16', 'growth of memory, MiB a minute', { atMost: 1 }, (results) => memoryGrowth(results, 'tap')],
]

const goalRows: Row[] = [
  [
    'T1',
    'req/s / best npm proxy',
    { atLeast: 1.2 },
    (results) => bootstrap(ratios(series(results, 'c=32', 'tap', 'rps'), bestNpmProxy(results))),
  ],
  ['T3', 'req/s / LiteLLM', { atLeast: 25 }, ratio({ cell: 'c=32', metric: 'rps', to: 'LiteLLM' })],
  ['T4', 'req/s / nginx', { atLeast: 0.4 }, ratio({ cell: 'c=32', metric: 'rps', to: 'nginx' })],
  ['T5', 'req/s / relay', { atLeast: 0.5 }, ratio({ cell: 'c=32', metric: 'rps', to: 'relay' })],
  ['T7', 'added p99 at c=1 / nginx', { atMost: 3 }, addedRatio({ cell: 'c=1', metric: 'p99Us', to: 'nginx' })],
  ['T7', 'added p99 at c=1 / LiteLLM', { atMost: 1 / 15 }, addedRatio({ cell: 'c=1', metric: 'p99Us', to: 'LiteLLM' })],
  [
    'T8',
    'p99 at half of the tap’s capacity / bare',
    { atMost: 1.2 },
    ratio({ cell: 'open 50 %', metric: 'p99Us', to: 'bare' }),
  ],
  [
    'T8',
    'p99 at three quarters of it / bare',
    { atMost: 1.2 },
    ratio({ cell: 'open 75 %', metric: 'p99Us', to: 'bare' }),
  ],
  ['T9', 'CPU an exchange / LiteLLM', { atMost: 1 / 25 }, ratio({ cell: 'c=32', metric: 'allUs', to: 'LiteLLM' })],
  [
    'T10',
    'p50 at c=1, mirror on / off',
    { atMost: 1.05 },
    ratio({ cell: 'c=1', metric: 'p50Us', to: 'tap, mirror off' }),
  ],
  [
    'T10',
    'p99 at c=1, mirror on / off',
    { atMost: 1.08 },
    ratio({ cell: 'c=1', metric: 'p99Us', to: 'tap, mirror off' }),
  ],
  [
    'T12',
    'added time to first frame, p99 / Portkey',
    { atMost: 1 / 20 },
    addedRatio({ cell: 'stream', metric: 'ttftP99Us', to: 'Portkey' }),
  ],
  [
    'T12',
    'added time to first frame, p99 / LiteLLM',
    { atMost: 1 / 15 },
    addedRatio({ cell: 'stream', metric: 'ttftP99Us', to: 'LiteLLM' }),
  ],
  [
    'T13',
    'added gap between frames, p99, µs',
    { atMost: 20 },
    (results) => bootstrap(added(results, 'stream', 'tap', 'gapP99Us')),
  ],
  [
    'T14',
    '512 streams: stalled for ten intervals',
    { atMost: 0 },
    worst((results) => series(results, 'streams', 'tap', 'stalled')),
  ],
  [
    'T15',
    'added latency for each KiB of request / relay',
    { atMost: 1.2 },
    (results) => bootstrap(addedRatios(bodySlopes(results, 'tap'), bodySlopes(results, 'relay'))),
  ],
  ['T16', 'memory / Portkey', { atMost: 0.5 }, memoryToPortkey],
  ['T17', 'exchanges that the ledger does not account for', { atMost: 0 }, worst(unaccounted)],
]

function memoryToPortkey(results: Results): Interval {
  const late = (subject: string): number[] => {
    const points = results.memory[subject] ?? []
    return points.slice(Math.floor(points.length / 3)).map(({ y }) => y)
  }
  return bootstrap(ratios(late('tap'), late('Portkey')))
}

const ruleOf =
  (kind: Rule['kind']) =>
  ([id, claim, bound, measure]: Row): Rule => ({ id, kind, claim, bound, measure })

export const rules: Rule[] = [...gateRows.map(ruleOf('gate')), ...goalRows.map(ruleOf('goal'))]

/** The same bytes from the same provider through two ports: how far two equal things differ in this run. */
export function sameness(results: Results): (Interval & { what: string; isVoid: boolean })[] {
  return ['c=1', 'c=32'].flatMap((cell) =>
    ['rps', 'p50Us'].flatMap((metric) => {
      const interval = ratio({ cell, metric, of: 'direct, second port', to: 'direct' })(results)
      const what = `${metric === 'rps' ? 'req/s' : 'p50'} at ${cell}`
      return Number.isNaN(interval.median) ? [] : [{ ...interval, what, isVoid: Math.abs(interval.median - 1) > 0.02 }]
    }),
  )
}
