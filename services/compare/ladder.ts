import { type Difference } from '../../shared/contracts/comparison.ts'
import { type Pair } from './pair.ts'
import { rungs } from './rungs/index.ts'
import { withGrounding } from './rungs/grounding.ts'
import { agreed, type Decision, type Finding } from './rungs/rung.ts'
import { cut } from './text/cut.ts'
import { counts, marked } from './waivers/covering.ts'

const maxDifferences = 20
const maxDifferenceChars = 300

export type Ruling = Decision & {
  /** Ids of the waivers without which the quality would be lower. */
  waived: string[]
}

/**
 * Quality from the cheapest and surest rung that can tell, the last one always can; then from what is not in the context. A waived difference is as if it were not
 * there: rungs that see several (`json`, `tools`, `facts`, `text`) have left the waived ones out already. One that is a rung's
 * only reason lets the rungs below decide where they can still compare the answers' content (`isOnlyForm`); else the pair agrees.
 */
export function decide(pair: Pair): Ruling {
  const accepted: Finding[] = []
  for (const rung of rungs) {
    const decision = rung(pair)
    if (decision === null) continue
    const differences = marked(decision.differences, pair.covering)
    const [only] = differences
    const isWaived = decision.quality === 0 && differences.length === 1 && !counts(only!)
    if (isWaived && isOnlyForm(only!)) {
      accepted.push(only!)
      continue
    }
    const settled = isWaived ? agreed(decision.decidedBy, 'harmless') : decision
    const grounded = withGrounding({ ...settled, differences }, pair)
    const all = [...grounded.differences, ...accepted]
    const outcome = grounded.outcome === 'same' && accepted.length > 0 ? 'harmless' : grounded.outcome
    const waived = [...new Set(all.flatMap(({ waivedBy }) => waivedBy ?? []))]
    return { ...grounded, outcome, differences: bounded(all), waived }
  }
  throw new Error('the last rung decides every pair')
}

const formOnly = new Set(['json_fenced', 'json_schema', 'language', 'length', 'truncation'])

/** Behind it there is an answer that can be compared: not so behind a refusal, a cut-off turn or what is no JSON. */
function isOnlyForm({ rung, kind }: Finding): boolean {
  return rung === 'format' && formOnly.has(kind)
}

export function bounded<Each extends Difference>(differences: readonly Each[]): Each[] {
  return differences.slice(0, maxDifferences).map((each) => ({
    ...each,
    path: each.path === null ? null : cut(each.path, maxDifferenceChars),
    message: cut(each.message, maxDifferenceChars),
    served: each.served === null ? null : cut(each.served, maxDifferenceChars),
    arm: each.arm === null ? null : cut(each.arm, maxDifferenceChars),
  }))
}
