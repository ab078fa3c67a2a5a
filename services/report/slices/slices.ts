import { type GatesConfig, type SlicesConfig } from '../../../shared/config/schema.ts'
import { type GateName, type SliceResult, type SlicesOf, type Verdict } from '../../../shared/contracts/verdict.ts'
import { enteredIn, isReplayCheck } from '../evidence.ts'
import { type Bound } from '../gates/gate.ts'
import { gatesOf } from '../gates/index.ts'
import { type Incidents } from '../incidents.ts'
import { type Pair } from '../pairs.ts'
import { type Units } from '../units.ts'
import { declaredSlices, type GateReadings } from './declared.ts'
import { allDimensions, type SliceOf } from './dimensions.ts'
import { foundSlices } from './found.ts'
import { sliceMargins } from './margins.ts'

export type SlicesInput = {
  by: readonly string[]
  /** What the search may cut by. */
  searched: readonly string[]
  sliceOf: SliceOf
  /** Differs between campaigns. */
  salt: string
}

export function slicesInput({ by, find }: SlicesConfig, sliceOf: SliceOf, salt: string): SlicesInput {
  return { by, searched: find ? allDimensions : [], sliceOf, salt }
}

/** Each kind of traffic by itself: through the blocking gates that were measured, at twice their margins. */
export function judgeSlices(
  { by, searched, sliceOf, salt }: SlicesInput,
  facts: {
    pairs: readonly Pair[]
    units: Units
    incidents: Incidents
    config: GatesConfig
    hasControl: boolean
    /** Of the gates on the whole traffic: a slice is compared at the same quantile, and on the same scale. */
    bounds: ReadonlyMap<GateName, Bound>
    measured: ReadonlySet<GateName>
  },
): SlicesOf {
  const { pairs, units, incidents, config, bounds, measured } = facts
  const gates = gatesOf(sliceMargins(config), facts.hasControl)
    .filter((gate) => gate.blocking && !isReplayCheck(gate) && measured.has(gate.name))
    .map((gate): GateReadings => {
      const { readings } = gate.read(pairs, bounds.get(gate.name))
      return { gate, readings: enteredIn(gate, readings, units, incidents), incidents }
    })
  const declared = declaredSlices(gates, by, sliceOf, config.alpha)
  if (searched.length === 0) return { by: [...by], declared, found: [] }
  const known = declared.filter(({ state }) => state === 'outside')
  const isKnown = (pair: Pair) => known.some(({ dimension, value }) => sliceOf(pair, dimension) === value)
  const rest = gates.map((each) => ({ ...each, readings: each.readings.filter(({ pair }) => !isKnown(pair)) }))
  const found = foundSlices(rest, searched, { sliceOf, salt, alpha: config.alpha })
  return { by: [...by], declared, found: found.filter((slice) => !isDeclared(slice, declared)) }
}

const isDeclared = (found: SliceResult, declared: readonly SliceResult[]) =>
  declared.some(({ dimension, value }) => dimension === found.dimension && value === found.value)

/** The slices that a GO has to leave out. */
export function exceptIn(slices: SlicesOf | null): Verdict['except'] {
  return [...(slices?.declared ?? []), ...(slices?.found ?? [])]
    .filter(({ state }) => state === 'outside')
    .map(({ dimension, value, gates }) => ({
      dimension,
      value,
      gates: gates.filter(({ state }) => state === 'outside').map(({ gate }) => gate),
    }))
}
