import { type GateName } from '../../../shared/contracts/verdict.ts'
import { quantile } from '../../../shared/statistics/quantile.ts'
import { type ControlledPair, isControlled, type Pair } from '../pairs.ts'
import { type Unit } from '../units.ts'
import { count, declaredPercent, milliseconds, percent } from '../words.ts'
import { afterBurnIn, type Bound, boundOf, type Gate, noControl, type Reading, unmeasurable } from './gate.ts'

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
  return {
    name: metric.name,
    blocking: config.blocking,
    unit: config.unit,
    margin: `${metric.words} at most ${declaredPercent(config.relative)} or ${count(config.absoluteMs)} ms above the served model’s`,
    lowest: 1,
    highest: 1,
    read(pairs, fixed) {
      if (!hasControl) return unmeasurable(noControl)
      const controlled = pairs
        .filter(isControlled)
        .filter(({ control }) => control.error || control[metric.latency] !== null)
      const needed = valuesNeeded(metric.tau)
      const bound = fixed ?? fixedBy(controlled, metric, needed)
      if (typeof bound === 'number') {
        return {
          readings: [],
          unmeasurable: null,
          // Each pair brings two: the control's and the served one.
          burnInLeft: Math.ceil((needed - bound) / 2),
          notes: [`${count(bound)} of the ${needed} latencies that fix theta: none counts before`],
        }
      }
      const theta = allowed(bound.value)
      const within = (ms: number | null) => Number(ms !== null && ms <= theta)
      const readings = afterBurnIn(controlled, bound, config.unit).map((pair) => {
        const control = pair.control[metric.latency]
        const reference = within(control === null ? null : allowed(control))
        return {
          pair,
          y: within(pair.candidate[metric.latency]) - reference,
          yIfEqual: within(control) - reference,
        }
      })
      return { readings, bound, unmeasurable: null, notes: notesOn(theta, needed, readings, metric, allowed) }
    },
    natural: (pairs) => ({
      candidate: naturalQuantile(pairs, metric, (pair) => pair.candidate[metric.latency]),
      reference: naturalQuantile(pairs, metric, (pair) => pair.control?.[metric.latency] ?? null),
      unit: 'ms',
    }),
  }
}

/** So many earlier values pin the quantile well enough: 40 for the median, 400 for p95. */
const valuesNeeded = (tau: number) => Math.ceil(20 / (1 - tau) - 1e-9)

/** The reference's quantile in the first pairs; how many latencies there are, where they are not enough. */
function fixedBy(pairs: readonly ControlledPair[], { tau, latency }: LatencyMetric, needed: number): Bound | number {
  const values: number[] = []
  const served = latency === 'ttftMs' ? 'servedTtftMs' : 'servedTotalMs'
  let used = 0
  while (used < pairs.length && values.length < needed) {
    const pair = pairs[used]!
    for (const value of [pair.control[latency], pair.row[served]]) if (value !== null) values.push(value)
    used += 1
  }
  return values.length < needed ? values.length : boundOf(quantile(values, tau)!, pairs.slice(0, used))
}

function notesOn(
  theta: number,
  needed: number,
  readings: readonly Reading[],
  { latency }: LatencyMetric,
  allowed: (ms: number) => number,
): string[] {
  const from = `theta ${milliseconds(theta)} from ${needed} earlier latencies, whose exchanges do not count`
  if (readings.length === 0) return [from]
  const below = readings.filter(({ pair }) => {
    const ms = pair.control?.[latency] ?? null
    return ms !== null && allowed(ms) <= theta
  })
  return [from, `the quantile compared is ${percent(below.length / readings.length)}`]
}

/** A failure is infinitely slow; a quantile that falls on one has no number. */
function naturalQuantile(
  pairs: readonly Pair[],
  { tau }: LatencyMetric,
  latencyMs: (pair: Pair) => number | null,
): number | null {
  const value = quantile(
    pairs.map((pair) => latencyMs(pair) ?? Infinity),
    tau,
  )
  return value === null || !Number.isFinite(value) ? null : value
}
