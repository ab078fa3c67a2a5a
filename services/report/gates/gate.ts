import { type GateName, type GateResult } from '../../../shared/contracts/verdict.ts'
import { type Pair } from '../pairs.ts'
import { type Unit, unitOf } from '../units.ts'

/**
 * One pair as a gate sees it. `y` is the bounded score: above 0 on average means inside the margin. `yIfEqual` is what
 * `y` would have been if the candidate had done exactly what its reference did.
 */
export type Reading = { pair: Pair; y: number; yIfEqual: number }

/**
 * A number that a gate needs from data, fixed by the pairs up to and including the named one. None of those counts, nor does
 * a unit that had begun by then.
 */
export type Bound = { value: number; untilMs: number; untilExchange: string }

export type Readings = {
  readings: Reading[]
  /** Null: this gate needs none, or it is not fixed yet. */
  bound?: Bound | null
  /** Why this gate cannot be measured in this set-up at all; null where it can, even if there are no pairs yet. */
  unmeasurable: string | null
  /** How many more pairs fix the bound before the first one counts; 0 once it is fixed. */
  burnInLeft?: number
  notes: string[]
}

/**
 * A margin on one metric. `y` lies in `[−lowest, highest]` by construction, from the configuration alone.
 * `read` gets every comparable pair in the order of capture; a bound it needs from data comes from the first pairs,
 * which then do not count, unless it was fixed before and is handed in.
 */
export type Gate = {
  name: GateName
  blocking: boolean
  unit: Unit
  margin: string
  lowest: number
  highest: number
  read(pairs: readonly Pair[], fixed?: Bound): Readings
  /** The candidate and its reference on the scale people think in, over the pairs that entered. */
  natural(pairs: readonly Pair[]): GateResult['natural']
}

export const noControl = 'the control is switched off, so there is nothing to hold the candidate against'

/** The readings of a gate that cannot be measured. */
export function unmeasurable(reason: string, notes: string[] = []): Readings {
  return { readings: [], unmeasurable: reason, notes }
}

/** The bound that the last of the `used` pairs completed. */
export function boundOf(value: number, used: readonly Pair[]): Bound {
  const { capturedAtMs, exchangeId } = used.at(-1)!.row
  return { value, untilMs: capturedAtMs, untilExchange: exchangeId }
}

/** Pairs whose unit did not begin before the bound was fixed: what fixed a bound may not be judged by it. */
export function afterBurnIn<P extends Pair>(pairs: readonly P[], bound: Bound, unit: Unit): P[] {
  const isUsed = ({ row }: P) =>
    row.capturedAtMs < bound.untilMs || (row.capturedAtMs === bound.untilMs && row.exchangeId <= bound.untilExchange)
  const begun = new Set(pairs.filter(isUsed).map((pair) => unitOf(pair, unit)))
  return pairs.filter((pair) => !isUsed(pair) && !begun.has(unitOf(pair, unit)))
}
