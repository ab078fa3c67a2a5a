import { type SliceGate, type SliceResult } from '../../../shared/contracts/verdict.ts'
import { eBenjaminiHochberg } from '../../../shared/statistics/benjamini-hochberg.ts'
import { holm } from '../../../shared/statistics/holm.ts'
import { shrunken } from '../../../shared/statistics/shrinkage.ts'
import { strengthOf } from '../evidence.ts'
import { type Bound, type Costs, type Gate } from '../gates/gate.ts'
import { type SliceSums } from '../sums/case-sums.ts'
import { type GateSums, naturalOf } from '../sums/gate-sums.ts'

/** Under so many units a slice shows nothing but its size. */
export const fewestUnits = 30
/** Share of false ones that the list of suspected slices may hold. */
const falseSuspicions = 0.1

/** A gate at the slices' margins, and what it knows of the whole traffic. */
export type SliceGateFacts = {
  gate: Gate
  bound: Bound | null
  costs: Costs
  /** The candidate's incidents do not lead to NO-GO. */
  forgives: boolean
  /** Of the whole traffic. */
  exchanges: number
}

type Found = { dimension: string; value: string; facts: SliceGateFacts; sums: GateSums }
type Weighed = Found & ReturnType<typeof weigh>

/** Every declared slice, through every gate. Holm and e-BH are over all of them together, those of too few units included. */
export function declaredSlices(
  gates: readonly SliceGateFacts[],
  slices: Iterable<SliceSums>,
  dimensions: readonly string[],
  alpha: number,
): SliceResult[] {
  const byPart = Map.groupBy(slices, ({ gate, dimension }) => `${gate} ${dimension}`)
  const parts = gates.flatMap((facts) =>
    dimensions.flatMap((dimension) => {
      const values = (byPart.get(`${facts.gate.name} ${dimension}`) ?? []).toSorted((a, b) =>
        a.value < b.value ? -1 : 1,
      )
      // The whole traffic is no slice of itself.
      const isWhole = values.length === 1 && values[0]!.sums.exchanges === facts.exchanges
      return isWhole ? [] : values.map(({ value, sums }) => ({ dimension, value, facts, sums }))
    }),
  )
  return judged(
    parts.map((part) => ({ ...part, ...weigh(part) })),
    alpha,
  )
}

export function weigh({ facts, sums }: Pick<Found, 'facts' | 'sums'>) {
  const { mean, sd, logEGo, logENoGo } = strengthOf(facts.gate, sums, facts)
  return { units: sums.units, mean, sd, logEGo, logENoGo }
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
  const { facts, sums, units, mean, logEGo, logENoGo } = part
  const about = { gate: facts.gate.name, state, units, exchanges: sums.exchanges }
  if (state === 'too_few') {
    const natural = { candidate: null, reference: null, unit: '' }
    return { ...about, mean: null, shrunken: null, logEGo: null, logENoGo: null, suspected: false, natural }
  }
  const natural = naturalOf(facts.gate, sums)
  return { ...about, mean, shrunken: estimate, logEGo, logENoGo, suspected, natural }
}

/** Slices of one dimension on one gate are what is alike. */
function shrunkenByGate(weighed: readonly Weighed[]): Map<Weighed, number> {
  const estimates = new Map<Weighed, number>()
  const groups = Map.groupBy(weighed, ({ facts, dimension }) => `${facts.gate.name} ${dimension}`)
  for (const group of groups.values()) {
    const drawn = shrunken(group.map(({ mean, sd, units }) => ({ mean, standardError: sd / Math.sqrt(units), units })))
    for (const [index, part] of group.entries()) estimates.set(part, drawn[index]!)
  }
  return estimates
}
