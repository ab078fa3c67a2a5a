import { type GateResult, type MoreNeeded } from '../../shared/contracts/verdict.ts'
import { confidenceSequence } from '../../shared/statistics/confidence-sequence.ts'
import { leadingSums, logEFromSums } from '../../shared/statistics/e-process.ts'
import { moreAtObservedRate, moreUnits } from '../../shared/statistics/units-needed.ts'
import { momentsOf, scaled } from '../../shared/statistics/value-counts.ts'
import { type Bound, type BurnIn, type Gate, type Reading, type Told } from './gates/gate.ts'
import { type IncidentPairs } from './incidents.ts'
import { type GateSums, naturalOf } from './sums/gate-sums.ts'
import { type Units } from './units.ts'
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

/** What a gate needs to know beside its sums. */
export type GateFacts = Pick<Told, 'costs' | 'isAbsolute'> & {
  /** Null where the gate needs none. */
  burnIn: BurnIn | null
  /** The candidate's incidents do not lead to NO-GO. */
  forgives: boolean
}

/** Weighs the evidence both ways. Sums of the same units give the same evidence, however they were added up. */
export function evidenceFrom(gate: Gate, sums: GateSums, alpha: number, facts: GateFacts): Evidence {
  const unmeasurable = gate.refusal(facts.costs)
  const bound = facts.burnIn?.bound ?? null
  const about = {
    gate: gate.name,
    blocking: gate.blocking,
    unit: gate.unit,
    margin: gate.margin,
    isReplayCheck: isReplayCheck(gate),
    unmeasurable,
    bound: unmeasurable === null ? bound : null,
    isOff: false,
    exchanges: unmeasurable === null ? sums.exchanges : 0,
  }
  if (unmeasurable !== null) return { ...about, ...nothing, notes: [`not measured: ${unmeasurable}`] }
  const isWaiting = gate.burnIn !== undefined && bound === null
  const natural = naturalOf(gate, sums)
  const { exchanges, marked } = sums
  const told = { ...facts, exchanges, marked, reference: natural.reference, bound }
  const notes = isWaiting ? [gate.burnIn!.note(facts.burnIn!)] : gate.notes(told)
  if (sums.units === 0) {
    const burnInLeft = isWaiting ? gate.burnIn!.left(facts.burnIn!) : 0
    const more = { atObservedRate: burnInLeft + minUnits, ifTrulyEqual: null, atLowerBound: null }
    return { ...about, ...nothing, more, notes }
  }
  return { ...about, ...weigh(gate, sums, alpha, facts, notes), natural }
}

/** The readings that count: of closed units, without the incidents that are left out. The error ceiling needs no control. */
export function enteredIn(
  gate: Gate,
  readings: readonly Reading[],
  units: Pick<Units, 'counted' | 'inPastHours'>,
  { leftOut }: Pick<IncidentPairs, 'leftOut'>,
): Reading[] {
  const counted = gate.unit === 'hour' ? units.inPastHours : units.counted
  return readings.filter(({ pair }) => counted.has(pair) && (gate.name === 'errorCeiling' || !leftOut.has(pair)))
}

/** What may lead to NO-GO. */
export function calmIn(entered: readonly Reading[], { forgiven }: Pick<IncidentPairs, 'forgiven'>): readonly Reading[] {
  return forgiven.size === 0 ? entered : entered.filter(({ pair }) => !forgiven.has(pair))
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
  designEffect: null,
  mean: null,
  sd: null,
  lower: null,
  upper: null,
  logEGo: null,
  logENoGo: null,
  natural: { candidate: null, reference: null, unit: '' },
  more: null,
}

type Scaling = Pick<GateFacts, 'forgives' | 'costs'> & { bound: Bound | null }

/** The evidence both ways, without an interval: that costs ten times as much. */
export function strengthOf(gate: Gate, sums: GateSums, { forgives, costs, bound }: Scaling) {
  const { lowest, highest } = gate
  const factor = 1 / (sums.heaviest * (bound === null ? 1 : (gate.scale?.(bound, costs) ?? 1)))
  const counts = scaled(sums.values, factor, -lowest, highest)
  // Where nothing but incidents is left there is nothing to be forgiven.
  const calm = forgives && sums.calm !== null && sums.calm.units > 0 ? sums.calm : null
  const towardsNoGo = calm === null ? counts : scaled(calm.values, factor, -lowest, highest)
  const go = leadingSums(counts, lowest)
  const noGo = leadingSums(towardsNoGo, highest, -1)
  return {
    ...momentsOf(counts, sums.units),
    logEGo: logEFromSums(go),
    logENoGo: logEFromSums(noGo),
    divisor: 1 / factor,
    counts,
    go,
    noGo: { sums: noGo, units: calm?.units ?? sums.units, isCalm: calm !== null },
    meanIfEqual: (sums.ifEqual / sums.units) * factor,
  }
}

function weigh(gate: Gate, gateSums: GateSums, alpha: number, facts: GateFacts, notes: string[]) {
  const { lowest: bound, highest } = gate
  const { units } = gateSums
  const strength = strengthOf(gate, gateSums, { ...facts, bound: facts.burnIn?.bound ?? null })
  const { mean, sd, logEGo, logENoGo, counts, go, noGo, meanIfEqual } = strength
  const { lower, upper } = confidenceSequence(counts, { low: -bound, high: highest }, alpha)
  const more = moreUnits({ sums: go, units, sd, bound, alpha, meanIfEqual, lower })
  const toNoGo = more.atObservedRate === null ? moreAtObservedRate({ ...noGo, alpha }) : null
  const designEffect = designEffectOf(gateSums, sd * strength.divisor)
  return {
    units,
    designEffect,
    mean,
    sd,
    lower,
    upper,
    logEGo,
    logENoGo,
    more: { ...more, atObservedRate: atLeastMinimum(more.atObservedRate, units) } satisfies MoreNeeded,
    notes: [
      ...notes,
      ...(gate.unit === 'hour' ? ['n and more needed are hours'] : []),
      ...weightNotes(gateSums),
      ...(designEffect === null || gateSums.exchanges === units ? [] : [`design effect ${designEffect.toFixed(2)}`]),
      ...(noGo.isCalm ? ['incidents of the candidate count against GO, not towards NO-GO'] : []),
      ...(toNoGo !== null && toNoGo > 0 ? [`heading for NO-GO: about ${count(toNoGo)} more`] : []),
    ],
  }
}

/** Variance of the mean of the units against that of as many exchanges of which none has to do with another. */
function designEffectOf({ units, exchanges, alone }: GateSums, sd: number): number | null {
  if (units < 2 || exchanges < 2) return null
  const spread = (alone.squares - alone.sum ** 2 / exchanges) / (exchanges - 1)
  const isSpread = spread > 1e-12 * (alone.squares / exchanges)
  return isSpread ? sd ** 2 / units / (spread / exchanges) : null
}

const atLeastMinimum = (more: number | null, units: number) => (more === null ? null : Math.max(more, minUnits - units))

/** `w_max` is a matter of the sampling's settings, never of outcomes. */
function weightNotes({ lightest, heaviest }: GateSums): string[] {
  if (lightest >= heaviest) return []
  const range = `${declaredPercent(1 / heaviest)} to ${declaredPercent(1 / lightest)}`
  return [`sampled at ${range}: weighted back, mean and interval on the scale of the rarest`]
}
