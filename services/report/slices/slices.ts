import { type GatesConfig, type SlicesConfig } from '../../../shared/config/schema.ts'
import { type GateName, type SliceResult, type SlicesOf, type Verdict } from '../../../shared/contracts/verdict.ts'
import { type CaseSums, type CellSums, type SlicesInput, type Terms } from '../sums/case-sums.ts'
import { declaredSlices, type SliceGateFacts } from './declared.ts'
import { allDimensions, type SliceOf } from './dimensions.ts'
import { foundSlices, nominated, type Nominee } from './found.ts'

export function slicesInput({ by, find }: SlicesConfig, sliceOf: SliceOf, salt: string): SlicesInput {
  return { by, searched: find ? allDimensions : [], sliceOf, salt }
}

/** Each kind of traffic by itself, before the search is confirmed. */
export type SlicesDraft = {
  declared: SliceResult[]
  /** What the search has picked, and has to be confirmed by the other half. */
  nominees: Nominee[]
  /** A conversation that began so is in no slice that is known to be harmed. */
  isRest: (cell: Pick<CellSums, 'kind'>) => boolean
}

/** Through the blocking gates that were measured, at twice their margins. */
export function draftSlices(
  { by, searched }: SlicesInput,
  facts: {
    sums: CaseSums
    terms: Terms
    config: GatesConfig
    measured: ReadonlySet<GateName>
    forgives: boolean
  },
): SlicesDraft {
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
  const known = declared.filter(({ state }) => state === 'outside')
  const isRest = ({ kind }: Pick<CellSums, 'kind'>) =>
    !known.some(({ dimension, value }) => kind[searched.indexOf(dimension)] === value)
  const rest = sums.cells.values().filter(isRest)
  return { declared, nominees: searched.length === 0 ? [] : nominated(gates, rest, searched.length), isRest }
}

/** `sums` with all that confirms the nominees. */
export function concludeSlices(
  { by, searched }: SlicesInput,
  { declared, nominees, isRest }: SlicesDraft,
  sums: CaseSums,
  alpha: number,
): SlicesOf {
  const found = foundSlices(nominees, sums.cells.values().filter(isRest), searched, alpha)
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
