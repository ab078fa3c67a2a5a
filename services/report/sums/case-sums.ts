import { type GatesConfig } from '../../../shared/config/schema.ts'
import { type GateName } from '../../../shared/contracts/verdict.ts'
import { sha256Hex } from '../../../shared/ids.ts'
import { calmIn, enteredIn, isReplayCheck } from '../evidence.ts'
import { type Gate, type Reading } from '../gates/gate.ts'
import { gatesOf } from '../gates/index.ts'
import { noIncidents, partsIn } from '../incidents.ts'
import { type Pair } from '../pairs.ts'
import { type SliceOf } from '../slices/dimensions.ts'
import { searchedGates } from '../slices/found.ts'
import { sliceMargins } from '../slices/margins.ts'
import { type Units } from '../units.ts'
import {
  addedUp,
  coarse,
  fine,
  type GateSums,
  type Moments,
  noMoments,
  noSums,
  sumsOf,
  withMoments,
} from './gate-sums.ts'
import { type PairTally } from './pair-tally.ts'

/** What is added up, and under which margins. */
export type Terms = {
  gates: Gate[]
  /** Of kinds of traffic: the blocking gates at twice their margins. */
  sliceGates: Gate[]
  slices: SlicesInput | null
}

export type SlicesInput = {
  by: readonly string[]
  /** What the search may cut by. */
  searched: readonly string[]
  sliceOf: SliceOf
  /** Differs between campaigns. */
  salt: string
}

export function termsOf(
  config: GatesConfig,
  hasControl: boolean,
  slices: SlicesInput | null,
  off: ReadonlyMap<GateName, string> = new Map(),
): Terms {
  const isOn = (gate: Gate) => !off.has(gate.name)
  const isSliced = (gate: Gate) => isOn(gate) && gate.blocking && !isReplayCheck(gate)
  return {
    gates: gatesOf(config, hasControl).filter(isOn),
    sliceGates: slices === null ? [] : gatesOf(sliceMargins(config), hasControl).filter(isSliced),
    slices,
  }
}

/** One gate on one kind of traffic. */
export type SliceSums = { gate: GateName; dimension: string; value: string; sums: GateSums }

/** One gate on the conversations that begin as the same kind of request: those that are searched, and those that confirm. */
export type CellSums = {
  gate: GateName
  kind: readonly (string | null)[]
  discovery: Moments
  confirmation: GateSums
}

/** Everything that the gates of a verdict are weighed by. */
export type CaseSums = {
  tally: PairTally
  gates: Map<GateName, GateSums>
  /** The replay checks without leaving out any incident. */
  replayThroughout: Map<GateName, GateSums>
  slices: Map<string, SliceSums>
  cells: Map<string, CellSums>
  /** Answers without a price were counted as this dear; null: there was none. */
  chargedAt: number | null
}

export function noCase(tally: PairTally): CaseSums {
  return { tally, chargedAt: null, gates: new Map(), replayThroughout: new Map(), slices: new Map(), cells: new Map() }
}

/**
 * Adds units that are complete. Their pairs are in the tally already, and so is all that says where incidents are. `dearest`:
 * what an answer without a price is counted as.
 */
export function addUnits(
  into: CaseSums,
  units: Pick<Units, 'counted' | 'inPastHours'>,
  terms: Terms,
  dearest = into.tally.costs.dearest,
): void {
  const { tally } = into
  const costs = { ...tally.costs, dearest }
  const of = { conversation: [...units.counted], hour: [...units.inPastHours] }
  const both = new Set([...of.conversation, ...of.hour])
  const incidents = tally.watches === null ? noIncidents : partsIn(tally.watches, [...both])
  const enter = (gate: Gate) => {
    const bound = tally.burnIns.get(gate.name)?.bound ?? null
    if (gate.burnIn !== undefined && bound === null) return []
    return gate.readingsOf(of[gate.unit], bound, costs)
  }
  const add = (to: Map<GateName, GateSums>, gate: Gate, entered: readonly Reading[]) => {
    if (entered.length === 0) return
    const sums = sumsOf(gate, entered, calmIn(entered, incidents))
    const known = to.get(gate.name)
    to.set(gate.name, known === undefined ? sums : addedUp(gate, [known, sums], fine))
  }
  for (const gate of terms.gates) {
    const readings = enter(gate)
    add(into.gates, gate, enteredIn(gate, readings, units, incidents))
    if (isReplayCheck(gate)) add(into.replayThroughout, gate, readings)
    if (gate.name === 'cost' && readings.some(({ isMarked }) => isMarked)) into.chargedAt = dearest
  }
  const { slices } = terms
  if (slices === null) return
  const kinds = kindsOf(of.conversation, slices)
  for (const gate of terms.sliceGates) {
    const entered = enteredIn(gate, enter(gate), units, incidents)
    for (const dimension of slices.by) {
      for (const [value, part] of partsOf(entered, ({ pair }) => slices.sliceOf(pair, dimension))) {
        const sums = sumsOf(gate, part, calmIn(part, incidents), coarse)
        const key = JSON.stringify([gate.name, dimension, value])
        const known = into.slices.get(key)?.sums
        const both = known === undefined ? sums : addedUp(gate, [known, sums], coarse)
        into.slices.set(key, { gate: gate.name, dimension, value, sums: both })
      }
    }
    if (slices.searched.length === 0 || !isSearched(gate)) continue
    const parts = partsOf(entered, ({ pair }) => kinds.get(pair.row.conversationId)!.key)
    for (const [key, part] of parts) {
      const { kind } = kinds.get(part[0]!.pair.row.conversationId)!
      const [searched, kept] = halvesOf(part, kinds)
      const place = `${gate.name} ${key}`
      const known = into.cells.get(place) ?? noCell(gate, kind)
      const confirmation =
        kept.length === 0
          ? known.confirmation
          : addedUp(gate, [known.confirmation, sumsOf(gate, kept, calmIn(kept, incidents), coarse)], coarse)
      into.cells.set(place, { ...known, discovery: withMoments(known.discovery, gate, searched), confirmation })
    }
  }
}

function halvesOf(part: readonly Reading[], kinds: ReadonlyMap<string, Kind>): [Reading[], Reading[]] {
  const isDiscovery = ({ pair }: Reading) => kinds.get(pair.row.conversationId)!.isDiscovery
  return [part.filter(isDiscovery), part.filter((reading) => !isDiscovery(reading))]
}

const noCell = (gate: Gate, kind: CellSums['kind']): CellSums => ({
  gate: gate.name,
  kind,
  discovery: noMoments(),
  confirmation: noSums(gate, coarse),
})

/** Gates whose unit is the hour are not searched: both halves would share their hours. */
const isSearched = ({ name, unit }: Gate) => unit === 'conversation' && searchedGates.has(name)

type Kind = { key: string; isDiscovery: boolean; kind: readonly (string | null)[] }

/** A conversation is of the kind that it begins as, and of one half by a hash that knows nothing of outcomes. */
function kindsOf(pairs: readonly Pair[], { searched, sliceOf, salt }: SlicesInput): Map<string, Kind> {
  const kinds = new Map<string, Kind>()
  if (searched.length === 0) return kinds
  const isInOrder = pairs.every(
    ({ row }, index) => index === 0 || pairs[index - 1]!.row.capturedAtMs <= row.capturedAtMs,
  )
  const inOrder = isInOrder ? pairs : pairs.toSorted((a, b) => a.row.capturedAtMs - b.row.capturedAtMs)
  for (const pair of inOrder) {
    const { conversationId } = pair.row
    if (kinds.has(conversationId)) continue
    const isDiscovery = Number.parseInt(sha256Hex(`${salt}\n${conversationId}`).slice(0, 2), 16) < 128
    const kind = searched.map((dimension) => sliceOf(pair, dimension))
    kinds.set(conversationId, { key: JSON.stringify(kind), isDiscovery, kind })
  }
  return kinds
}

/** The readings by kind; those of none are left out. */
function partsOf(readings: readonly Reading[], valueOf: (reading: Reading) => string | null): Map<string, Reading[]> {
  const parts = new Map<string, Reading[]>()
  for (const reading of readings) {
    const value = valueOf(reading)
    if (value === null) continue
    const part = parts.get(value)
    if (part === undefined) parts.set(value, [reading])
    else part.push(reading)
  }
  return parts
}
