import { type Difference, PairOutcome } from '../../../shared/contracts/comparison.ts'
import { type Pair } from '../pair.ts'

export type { PairOutcome }
export const pairOutcomes = PairOutcome.options

export type Finding = Difference & {
  /** What differs, in a word: `amount`, `negation`, `missing`, `language`, … */
  kind: string
  severity: Exclude<PairOutcome, 'same'>
}

/** What a rung found out. `decidedBy` names it; `text` wherever the outcome is `unsure`. */
export type Decision = { decidedBy: string; outcome: PairOutcome; quality: number; differences: Finding[] }

/** Null: this rung cannot tell, the next one is asked. */
export type Rung = (pair: Pair) => Decision | null

/** Nothing that matters differs. */
export function agreed(rung: string, outcome: 'same' | 'harmless', differences: Finding[] = []): Decision {
  return { decidedBy: rung, outcome, quality: 1, differences }
}

/** The arm's answer does not do the served answer's job, for one reason. */
export function broken(rung: string, kind: string, message: string, { served, arm }: Pair): Decision {
  const difference = { rung, kind, path: null, message, served: served.text, arm: arm.text }
  return { decidedBy: rung, outcome: 'harmful', quality: 0, differences: [{ ...difference, severity: 'harmful' }] }
}
