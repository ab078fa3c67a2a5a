import { type Difference } from '../../shared/contracts/comparison.ts'
import { type Pair } from './pair.ts'
import { rungs } from './rungs/index.ts'
import { withGrounding } from './rungs/grounding.ts'
import { type Decision } from './rungs/rung.ts'
import { cut } from './text/cut.ts'

const maxDifferences = 20
const maxDifferenceChars = 300

/** Quality from the cheapest and surest rung that can tell, the last one always can; then from what is not in the context. */
export function decide(pair: Pair): Decision {
  for (const rung of rungs) {
    const found = rung(pair)
    if (found === null) continue
    const decision = withGrounding(found, pair)
    return { ...decision, differences: bounded(decision.differences) }
  }
  throw new Error('the last rung decides every pair')
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
