import { type GateResult, type MoreNeeded } from '../../shared/contracts/verdict.ts'
import { confidenceSequence } from '../../shared/statistics/confidence-sequence.ts'
import { histogramOf, kellySums, logEFromSums } from '../../shared/statistics/e-process.ts'
import { moreAtObservedRate, moreUnits } from '../../shared/statistics/units-needed.ts'
import { type Bound, type Gate, type Reading } from './gates/gate.ts'
import { type Pair } from './pairs.ts'
import { type Unit, unitOf, type Units } from './units.ts'
import { count, declaredPercent } from './words.ts'

/** No gate decides on fewer units. */
export const minUnits = 100

/** What one gate has to say, before it is weighed against the others. */
export type Evidence = Omit<GateResult, 'state'> & {
  unmeasurable: string | null
  isOff: boolean
  isReplayCheck: boolean
  /** Fixed by the first exchanges; null where nothing is, or not yet. */
  bound: Bound | null
  /** Of the units. */
  sd: number | null
}

export function isReplayCheck({ name }: Pick<Gate, 'name'>): boolean {
  return name === 'replayLow' || name === 'replayHigh'
}

/** Reads the pairs through the gate, averages inside each unit and weighs the evidence both ways. */
export function evidenceOf(gate: Gate, pairs: readonly Pair[], units: Units, alpha: number, fixed?: Bound): Evidence {
  const { readings, unmeasurable, bound = null, burnInLeft = 0, notes } = gate.read(pairs, fixed)
  const counted = gate.unit === 'hour' ? units.inPastHours : units.counted
  const entered = readings.filter(({ pair }) => counted.has(pair))
  const about = {
    gate: gate.name,
    blocking: gate.blocking,
    unit: gate.unit,
    margin: gate.margin,
    isReplayCheck: isReplayCheck(gate),
    unmeasurable,
    bound,
    isOff: false,
    exchanges: entered.length,
  }
  if (unmeasurable !== null || entered.length === 0) {
    if (unmeasurable !== null) return { ...about, ...nothing, notes: [`not measured: ${unmeasurable}`, ...notes] }
    const more = { atObservedRate: burnInLeft + minUnits, ifTrulyEqual: null, atLowerBound: null }
    return { ...about, ...nothing, more, notes }
  }
  const { values, valuesIfEqual, weightNotes } = unitValues(entered, gate.unit)
  return {
    ...about,
    ...weigh(
      gate,
      values,
      meanOf(valuesIfEqual),
      alpha,
      notes.concat(gate.unit === 'hour' ? 'n and more needed are hours' : [], weightNotes),
    ),
    natural: gate.natural(entered.map(({ pair }) => pair)),
  }
}

/** A gate that is no part of the verdict decides nothing. A replay check cannot be done without, so it is unmeasurable. */
export function evidenceOfOff(gate: Gate, reason: string): Evidence {
  const isOff = !isReplayCheck(gate)
  return {
    ...nothing,
    gate: gate.name,
    blocking: gate.blocking && !isOff,
    unit: gate.unit,
    margin: gate.margin,
    isReplayCheck: !isOff,
    isOff,
    bound: null,
    unmeasurable: reason,
    exchanges: 0,
    notes: [`${isOff ? 'off' : 'not measured'}: ${reason}`],
  }
}

const nothing = {
  units: 0,
  mean: null,
  sd: null,
  lower: null,
  upper: null,
  logEGo: null,
  logENoGo: null,
  natural: { candidate: null, reference: null, unit: '' },
  more: null,
}

/** The evidence both ways, without an interval: that costs a hundred times as much. */
export function evidenceOfUnits({ lowest, highest }: Gate, values: number[]) {
  const counts = histogramOf(values)
  const mirrored = new Map([...counts].map(([value, seen]) => [-value, seen]))
  return {
    mean: meanOf(values),
    sd: sdOf(values),
    logEGo: logEFromSums(kellySums(counts, lowest)),
    logENoGo: logEFromSums(kellySums(mirrored, highest)),
  }
}

function weigh(gate: Gate, values: number[], meanIfEqual: number, alpha: number, notes: string[]) {
  const { lowest: bound, highest } = gate
  const counts = histogramOf(values)
  const sums = kellySums(counts, bound)
  const mirrored = kellySums(new Map([...counts].map(([value, seen]) => [-value, seen])), highest)
  const { lower, upper } = confidenceSequence(counts, { low: -bound, high: highest }, alpha)
  const units = values.length
  const sd = sdOf(values)
  const more = moreUnits({ sums, units, sd, bound, alpha, meanIfEqual, lower })
  const toNoGo = more.atObservedRate === null ? moreAtObservedRate({ sums: mirrored, units, alpha }) : null
  return {
    units,
    mean: meanOf(values),
    sd,
    lower,
    upper,
    logEGo: logEFromSums(sums),
    logENoGo: logEFromSums(mirrored),
    more: { ...more, atObservedRate: atLeastMinimum(more.atObservedRate, units) } satisfies MoreNeeded,
    notes: toNoGo !== null && toNoGo > 0 ? [...notes, `heading for NO-GO: about ${count(toNoGo)} more`] : notes,
  }
}

const atLeastMinimum = (more: number | null, units: number) => (more === null ? null : Math.max(more, minUnits - units))

/**
 * One number per unit: the mean of `w · y / w_max`, which keeps the bounds and the sign of the mean whatever the
 * tap's rate was. `w_max` is a matter of the sampling's settings, never of outcomes.
 */
export function unitValues(readings: readonly Reading[], unit: Unit) {
  const parts = new Map<string | number, { sum: number; sumIfEqual: number; members: number }>()
  let heaviest = 0
  let lightest = Infinity
  for (const { pair, y, yIfEqual } of readings) {
    const { weight } = pair
    const key = unitOf(pair, unit)
    let part = parts.get(key)
    if (part === undefined) {
      part = { sum: 0, sumIfEqual: 0, members: 0 }
      parts.set(key, part)
    }
    part.sum += y * weight
    part.sumIfEqual += yIfEqual * weight
    part.members += 1
    heaviest = Math.max(heaviest, weight)
    lightest = Math.min(lightest, weight)
  }
  const groups = [...parts.values()]
  const range = `${declaredPercent(1 / heaviest)} to ${declaredPercent(1 / lightest)}`
  return {
    values: groups.map(({ sum, members }) => sum / (members * heaviest)),
    valuesIfEqual: groups.map(({ sumIfEqual, members }) => sumIfEqual / (members * heaviest)),
    weightNotes:
      lightest < heaviest ? [`sampled at ${range}: weighted back, mean and interval on the scale of the rarest`] : [],
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function sdOf(values: readonly number[]): number {
  if (values.length < 2) return 0
  const mean = meanOf(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}
