import { type GateName, type GateResult } from '../../../shared/contracts/verdict.ts'
import { isControlled, type Pair } from '../pairs.ts'
import { type Unit, unitOf } from '../units.ts'

/**
 * One pair as a gate sees it. `y` is the bounded score: above 0 on average means inside the margin. `yIfEqual` is what
 * `y` would have been if the candidate had done exactly what its reference did.
 */
export type Reading = {
  pair: Pair
  y: number
  yIfEqual: number
  /** Of a gate whose scale may still widen: both before they were divided by it. */
  amounts?: { y: number; yIfEqual: number }
  /** What the gate's notes tell the number of. */
  isMarked?: boolean
}

/**
 * A number that a gate needs from data, fixed by the pairs up to and including the named one. None of those counts, nor does
 * a unit that had begun by then.
 */
export type Bound = { value: number; untilMs: number; untilExchange: string }

/** What the first pairs have shown on the way to a bound. */
export type BurnIn = { seen: number; values: number[]; bound: Bound | null }

export const noBurnIn = (): BurnIn => ({ seen: 0, values: [], bound: null })

/** Of all pairs with a control, counted or not. */
export type Costs = { controlled: number; unpriced: number; largest: number; dearest: number }

export const noCosts = (): Costs => ({ controlled: 0, unpriced: 0, largest: 0, dearest: 0 })

/** The candidate or its reference on the scale people think in; null where it was not measured. */
type Measure = (pair: Pair) => number | null

/** What a gate says about the readings that entered. */
export type Told = {
  exchanges: number
  marked: number
  /** Of the natural scale. */
  reference: number | null
  bound: Bound | null
  costs: Costs
  /** Quality is on one absolute scale, also of the served answer. */
  isAbsolute: boolean
}

/** A margin on one metric. `y` lies in `[−lowest, highest]` by construction, from the configuration alone. */
export type Gate = {
  name: GateName
  blocking: boolean
  unit: Unit
  margin: string
  lowest: number
  highest: number
  /** Why it cannot be measured in this set-up at all; null where it can. */
  refusal(costs: Costs): string | null
  /** A bound that comes from the first pairs, which then do not count. `pairs` in the order of capture follow those gathered. */
  burnIn?: {
    gather(soFar: BurnIn, pairs: readonly Pair[]): BurnIn
    /** How many more pairs fix the bound. */
    left(soFar: BurnIn): number
    note(soFar: BurnIn): string
  }
  /** Of whole units. `bound` is null only where there is no burn-in. */
  readingsOf(pairs: readonly Pair[], bound: Bound | null, costs: Costs): Reading[]
  /** What amounts are divided by; 1 without. */
  scale?(bound: Bound, costs: Costs): number
  notes(told: Told): string[]
  /** Means, or quantiles at `tau` with a failure as infinitely slow. */
  natural: { unit: GateResult['natural']['unit']; tau: number | null; candidate: Measure; reference: Measure }
}

/** Adds the pairs' to `costs`. */
export function addCosts(costs: Costs, pairs: readonly Pair[]): Costs {
  for (const pair of pairs) {
    if (!isControlled(pair)) continue
    const [ours, theirs] = [pair.candidate.costUsd, pair.control.costUsd]
    costs.controlled += 1
    costs.unpriced += Number(ours === null || theirs === null)
    if (theirs === null) continue
    costs.dearest = Math.max(costs.dearest, ours ?? 0)
    costs.largest = Math.max(costs.largest, ours ?? 0, theirs)
  }
  return costs
}

export const noControl = 'the control is switched off, so there is nothing to hold the candidate against'

/** The bound that the last of the `used` pairs completed. */
export function boundOf(value: number, { row }: Pair): Bound {
  return { value, untilMs: row.capturedAtMs, untilExchange: row.exchangeId }
}

/** Pairs whose unit did not begin before the bound was fixed: what fixed a bound may not be judged by it. */
export function afterBurnIn<P extends Pair>(pairs: readonly P[], bound: Bound, unit: Unit): P[] {
  const isUsed = ({ row }: P) =>
    row.capturedAtMs < bound.untilMs || (row.capturedAtMs === bound.untilMs && row.exchangeId <= bound.untilExchange)
  const begun = new Set(pairs.filter(isUsed).map((pair) => unitOf(pair, unit)))
  return pairs.filter((pair) => !isUsed(pair) && !begun.has(unitOf(pair, unit)))
}
