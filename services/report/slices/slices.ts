import { type GatesConfig, type SlicesConfig } from '../../../shared/config/schema.ts'
import { type GateName, type SliceResult, type SlicesOf, type Verdict } from '../../../shared/contracts/verdict.ts'
import { type CaseSums, type CellSums, type SlicesInput, type Terms } from '../sums/case-sums.ts'
import { declaredSlices, type SliceGateFacts } from './declared.ts'
import { allDimensions, type SliceOf } from './dimensions.ts'
import { foundSlices } from './found.ts'

export function slicesInput({ by, find }: SlicesConfig, sliceOf: SliceOf, salt: string): SlicesInput {
  return { by, searched: find ? allDimensions : [], sliceOf, salt }
}

/** Each kind of traffic by itself: through the blocking gates that were measured, at twice their margins. */
export function judgeSlices(
  { by, searched }: SlicesInput,
  facts: {
    sums: CaseSums
    terms: Terms
    config: GatesConfig
    measured: ReadonlySet<GateName>
    forgives: boolean
  },
): SlicesOf {
  const { sums, terms, config, measured, forgives } = facts
  const { tally } = sums
  const gates = terms.sliceGates
    .filter(({ name }) => measured.has(name))
    .map((gate): SliceGateFacts => ({
      gate,
      // Of the whole traffic: a slice is compared at the same quantile, and on the same scale.
      bound: tally.burnIns.get(gate.name)?.bound ?? null,
      costs: tally.costs,
      forgives,
      exchanges: sums.gates.get(gate.name)?.exchanges ?? 0,
    }))
  const declared = declaredSlices(gates, sums.slices.values(), by, config.alpha)
  if (searched.length === 0) return { by: [...by], declared, found: [] }
  const known = declared.filter(({ state }) => state === 'outside')
  const isKnown = ({ kind }: CellSums) =>
    known.some(({ dimension, value }) => kind[searched.indexOf(dimension)] === value)
  const rest = sums.cells.values().filter((cell) => !isKnown(cell))
  const found = foundSlices(gates, rest, searched, config.alpha)
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
