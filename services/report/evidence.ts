import { type GateResult, type MoreNeeded } from '../../shared/contracts/verdict.ts'
import { confidenceSequence } from '../../shared/statistics/confidence-sequence.ts'
import { histogramOf, kellySums, logEFromSums } from '../../shared/statistics/e-process.ts'
import { moreAtObservedRate, moreUnits } from '../../shared/statistics/units-needed.ts'
import { type Bound, type Gate, type Reading } from './gates/gate.ts'
import { type Incidents, noIncidents } from './incidents.ts'
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
export function evidenceOf(
  gate: Gate,
  pairs: readonly Pair[],
  units: Units,
  alpha: number,
  fixed?: Bound,
  incidents: Incidents = noIncidents,
): Evidence {
  const { readings, unmeasurable, bound = null, burnInLeft = 0, notes } = gate.read(pairs, fixed)
  const entered = enteredIn(gate, readings, units, incidents)
  const calm = calmIn(entered, incidents)
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
      calm === entered ? values : unitValues(calm, gate.unit).values,
      meanOf(valuesIfEqual),
      alpha,
      notes.concat(gate.unit === 'hour' ? 'n and more needed are hours' : [], weightNotes),
    ),
    natural: gate.natural(entered.map(({ pair }) => pair)),
  }
}

/** The readings that count: of closed units, without the incidents that are left out. The error ceiling needs no control. */
export function enteredIn(gate: Gate, readings: readonly Reading[], units: Units, incidents: Incidents): Reading[] {
  const counted = gate.unit === 'hour' ? units.inPastHours : units.counted
  const { leftOut, outOfReplay } = incidents
  const out = isReplayCheck(gate) ? outOfReplay : gate.name === 'errorCeiling' ? noIncidents.leftOut : leftOut
  return readings.filter(({ pair }) => counted.has(pair) && !out.has(pair))
}

/** What may lead to NO-GO. The same list where nothing is forgiven, or nothing would be left. */
export function calmIn(entered: readonly Reading[], { forgiven }: Incidents): readonly Reading[] {
  if (forgiven.size === 0) return entered
  const calm = entered.filter(({ pair }) => !forgiven.has(pair))
  return calm.length === 0 || calm.length === entered.length ? entered : calm
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

/** The evidence both ways, without an interval: that costs a hundred times as much. `calm`: what may lead to NO-GO. */
export function evidenceOfUnits({ lowest, highest }: Gate, values: number[], calm: number[]) {
  return {
    mean: meanOf(values),
    sd: sdOf(values),
    logEGo: logEFromSums(kellySums(values, lowest)),
    logENoGo: logEFromSums(kellySums(mirrored(calm), highest)),
  }
}

const mirrored = (values: readonly number[]) => histogramOf(values.map((value) => -value))

function weigh(gate: Gate, values: number[], calm: number[], meanIfEqual: number, alpha: number, notes: string[]) {
  const { lowest: bound, highest } = gate
  const counts = histogramOf(values)
  const sums = kellySums(counts, bound)
  const toNoGoSums = kellySums(mirrored(calm), highest)
  const { lower, upper } = confidenceSequence(counts, { low: -bound, high: highest }, alpha)
  const units = values.length
  const sd = sdOf(values)
  const more = moreUnits({ sums, units, sd, bound, alpha, meanIfEqual, lower })
  const toNoGo =
    more.atObservedRate === null ? moreAtObservedRate({ sums: toNoGoSums, units: calm.length, alpha }) : null
  return {
    units,
    mean: meanOf(values),
    sd,
    lower,
    upper,
    logEGo: logEFromSums(sums),
    logENoGo: logEFromSums(toNoGoSums),
    more: { ...more, atObservedRate: atLeastMinimum(more.atObservedRate, units) } satisfies MoreNeeded,
    notes: [
      ...notes,
      ...(calm === values ? [] : ['incidents of the candidate count against GO, not towards NO-GO']),
      ...(toNoGo !== null && toNoGo > 0 ? [`heading for NO-GO: about ${count(toNoGo)} more`] : []),
    ],
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
