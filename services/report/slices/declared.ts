import { type SliceGate, type SliceResult } from '../../../shared/contracts/verdict.ts'
import { eBenjaminiHochberg } from '../../../shared/statistics/benjamini-hochberg.ts'
import { holm } from '../../../shared/statistics/holm.ts'
import { shrunken } from '../../../shared/statistics/shrinkage.ts'
import { calmIn, evidenceOfUnits, unitValues } from '../evidence.ts'
import { type Gate, type Reading } from '../gates/gate.ts'
import { type Incidents } from '../incidents.ts'
import { type SliceOf } from './dimensions.ts'

/** Under so many units a slice shows nothing but its size. */
export const fewestUnits = 30
/** Share of false ones that the list of suspected slices may hold. */
const falseSuspicions = 0.1

/** The readings of one gate at the slices' margins, of pairs that count. */
export type GateReadings = { gate: Gate; readings: readonly Reading[]; incidents: Incidents }

type Found = { dimension: string; value: string; gate: Gate; readings: Reading[]; incidents: Incidents }
type Weighed = Found & ReturnType<typeof weigh>

/** Every declared slice, through every gate. Holm and e-BH are over all of them together, those of too few units included. */
export function declaredSlices(
  gates: readonly GateReadings[],
  dimensions: readonly string[],
  sliceOf: SliceOf,
  alpha: number,
): SliceResult[] {
  const parts = gates.flatMap(({ gate, readings, incidents }) =>
    dimensions.flatMap((dimension) =>
      [...partsOf(readings, (pair) => sliceOf(pair, dimension))].map(([value, part]) => ({
        dimension,
        value,
        gate,
        readings: part,
        incidents,
      })),
    ),
  )
  return judged(
    parts.map((part) => ({ ...part, ...weigh(part) })),
    alpha,
  )
}

/** The readings by slice; those in none are left out, and the whole traffic is no slice of itself. */
export function partsOf(
  readings: readonly Reading[],
  valueOf: (pair: Reading['pair']) => string | null,
): Map<string, Reading[]> {
  const parts = new Map<string, Reading[]>()
  for (const reading of readings) {
    const value = valueOf(reading.pair)
    if (value === null) continue
    const part = parts.get(value)
    if (part === undefined) parts.set(value, [reading])
    else part.push(reading)
  }
  const [only] = parts.values()
  return parts.size === 1 && only!.length === readings.length ? new Map() : parts
}

export function weigh({ gate, readings, incidents }: Pick<Found, 'gate' | 'readings' | 'incidents'>) {
  const { values } = unitValues(readings, gate.unit)
  const calm = calmIn(readings, incidents)
  const calmValues = calm === readings ? values : unitValues(calm, gate.unit).values
  return { units: values.length, ...evidenceOfUnits(gate, values, calmValues) }
}

/** States of all slices and gates together, and one result per slice, the worst of its gates first. */
export function judged(weighed: readonly Weighed[], alpha: number): SliceResult[] {
  const enough = ({ units }: Weighed) => units >= fewestUnits
  const adjusted = holm(weighed.map((part) => (enough(part) ? Math.min(1, Math.exp(-part.logENoGo)) : 1)))
  const suspected = eBenjaminiHochberg(
    weighed.map((part) => (enough(part) ? part.logENoGo : -Infinity)),
    falseSuspicions,
  )
  const estimates = shrunkenByGate(weighed.filter(enough))
  const results = new Map<string, SliceResult>()
  for (const [index, part] of weighed.entries()) {
    const key = `${part.dimension}\n${part.value}`
    const result = results.get(key) ?? { dimension: part.dimension, value: part.value, state: 'too_few', gates: [] }
    results.set(key, result)
    const state = enough(part) ? stateOf(part, adjusted[index]!, alpha) : 'too_few'
    result.gates.push(gateResult(part, state, suspected[index]!, estimates.get(part) ?? null))
  }
  return [...results.values()].map((result) => {
    const gates = result.gates.toSorted((a, b) => (b.logENoGo ?? -Infinity) - (a.logENoGo ?? -Infinity))
    return { ...result, state: overall(gates), gates }
  })
}

function stateOf({ logEGo }: Weighed, holmP: number, alpha: number): SliceGate['state'] {
  if (holmP <= alpha) return 'outside'
  return logEGo >= Math.log(1 / alpha) ? 'inside' : 'undecided'
}

function overall(gates: readonly SliceGate[]): SliceResult['state'] {
  const states = new Set(gates.map(({ state }) => state))
  if (states.has('outside')) return 'outside'
  if (gates.every(({ state }) => state === 'too_few')) return 'too_few'
  return gates.every(({ state }) => state === 'inside') ? 'inside' : 'undecided'
}

function gateResult(part: Weighed, state: SliceGate['state'], suspected: boolean, estimate: number | null): SliceGate {
  const { gate, readings, units, mean, logEGo, logENoGo } = part
  const about = { gate: gate.name, state, units, exchanges: readings.length }
  if (state === 'too_few') {
    const natural = { candidate: null, reference: null, unit: '' }
    return { ...about, mean: null, shrunken: null, logEGo: null, logENoGo: null, suspected: false, natural }
  }
  const natural = gate.natural(readings.map(({ pair }) => pair))
  return { ...about, mean, shrunken: estimate, logEGo, logENoGo, suspected, natural }
}

/** Slices of one dimension on one gate are what is alike. */
function shrunkenByGate(weighed: readonly Weighed[]): Map<Weighed, number> {
  const estimates = new Map<Weighed, number>()
  const groups = Map.groupBy(weighed, ({ gate, dimension }) => `${gate.name} ${dimension}`)
  for (const group of groups.values()) {
    const drawn = shrunken(group.map(({ mean, sd, units }) => ({ mean, standardError: sd / Math.sqrt(units), units })))
    for (const [index, part] of group.entries()) estimates.set(part, drawn[index]!)
  }
  return estimates
}
