import { type GateName } from '../../../shared/contracts/verdict.ts'
import { quantile } from '../../../shared/statistics/quantile.ts'
import { type ControlledPair, isControlled, type Pair } from '../pairs.ts'
import { type Unit } from '../units.ts'
import { count, declaredPercent, milliseconds, percent } from '../words.ts'
import { afterBurnIn, boundOf, type BurnIn, type Gate, noControl, type Told } from './gate.ts'

export type LatencyMetric = { name: GateName; words: string; tau: number; latency: 'ttftMs' | 'totalMs' }

/**
 * Exact quantile test: `Y = 1{K ≤ theta} − 1{A(C) ≤ theta}` with `A(c) = max((1 + relative) · c, c + absoluteMs)`.
 * `theta = A(tau-quantile)` of the first latencies, of control and served answers together; it decides which quantile is
 * compared and never the validity. A failure is slower than any theta. Pairs whose control answered without a measured
 * time are left out: the candidate would be compared with nothing, and win.
 */
export function latencyGate(
  metric: LatencyMetric,
  config: { relative: number; absoluteMs: number; blocking: boolean; unit: Unit },
  hasControl: boolean,
): Gate {
  const allowed = (ms: number) => Math.max((1 + config.relative) * ms, ms + config.absoluteMs)
  const needed = valuesNeeded(metric.tau)
  return {
    name: metric.name,
    blocking: config.blocking,
    unit: config.unit,
    margin: `${metric.words} at most ${declaredPercent(config.relative)} or ${count(config.absoluteMs)} ms above the served model’s`,
    lowest: 1,
    highest: 1,
    refusal: () => (hasControl ? null : noControl),
    burnIn: {
      gather: (soFar, pairs) => gather(soFar, timedOf(pairs, metric), metric, needed),
      // Each pair brings two: the control's and the served one.
      left: ({ values }) => Math.ceil((needed - values.length) / 2),
      note: ({ values }) => `${count(values.length)} of the ${needed} latencies that fix theta: none counts before`,
    },
    readingsOf(pairs, bound) {
      const theta = allowed(bound!.value)
      const within = (ms: number | null) => Number(ms !== null && ms <= theta)
      return afterBurnIn(timedOf(pairs, metric), bound!, config.unit).map((pair) => {
        const control = pair.control[metric.latency]
        const reference = within(control === null ? null : allowed(control))
        return {
          pair,
          y: within(pair.candidate[metric.latency]) - reference,
          yIfEqual: within(control) - reference,
          isMarked: reference === 1,
        }
      })
    },
    notes: (told) => notesOn(told, allowed(told.bound!.value), needed),
    natural: {
      unit: 'ms',
      tau: metric.tau,
      candidate: (pair) => pair.candidate[metric.latency],
      reference: (pair) => pair.control?.[metric.latency] ?? null,
    },
  }
}

const timedOf = (pairs: readonly Pair[], { latency }: LatencyMetric): ControlledPair[] =>
  pairs.filter(isControlled).filter(({ control }) => control.error || control[latency] !== null)

/** So many earlier values pin the quantile well enough: 40 for the median, 400 for p95. */
const valuesNeeded = (tau: number) => Math.ceil(20 / (1 - tau) - 1e-9)

/** Latencies of the first pairs, until the reference's quantile can be told. */
function gather(soFar: BurnIn, pairs: readonly ControlledPair[], metric: LatencyMetric, needed: number): BurnIn {
  if (soFar.bound !== null) return soFar
  const values = [...soFar.values]
  const served = metric.latency === 'ttftMs' ? 'servedTtftMs' : 'servedTotalMs'
  for (const pair of pairs) {
    for (const value of [pair.control[metric.latency], pair.row[served]]) if (value !== null) values.push(value)
    if (values.length >= needed)
      return { seen: values.length, values: [], bound: boundOf(quantile(values, metric.tau)!, pair) }
  }
  return { seen: values.length, values, bound: null }
}

function notesOn({ exchanges, marked }: Told, theta: number, needed: number): string[] {
  const from = `theta ${milliseconds(theta)} from ${needed} earlier latencies, whose exchanges do not count`
  return exchanges === 0 ? [from] : [from, `the quantile compared is ${percent(marked / exchanges)}`]
}
