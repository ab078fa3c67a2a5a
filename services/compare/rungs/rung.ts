import { type Difference } from '../../../shared/contracts/comparison.ts'
import { type Pair } from '../pair.ts'

/** What a rung found out. `decidedBy` names it. */
export type Decision = { decidedBy: string; quality: number; differences: Difference[] }

/** Null: this rung cannot tell, the next one is asked. */
export type Rung = (pair: Pair) => Decision | null

/** The arm's answer does not do the served answer's job, for one reason. */
export function broken(rung: string, message: string, { served, arm }: Pair): Decision {
  return {
    decidedBy: rung,
    quality: 0,
    differences: [{ rung, path: null, message, served: served.text, arm: arm.text }],
  }
}
