import { type Difference } from '../../../shared/contracts/comparison.ts'
import { type Pair } from '../pair.ts'

/**
 * What a pair comes to. `same`: the same in other bytes. `harmless`: something differs and nothing that matters.
 * `harmful`: acting on the one instead of the other can do damage, or breaks the client. `unsure`: nothing that can be
 * checked speaks against it, and too much is said differently to know: for a judge or a person.
 */
export const pairOutcomes = ['same', 'harmless', 'harmful', 'unsure'] as const
export type PairOutcome = (typeof pairOutcomes)[number]

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
