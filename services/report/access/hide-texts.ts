import { type Difference } from '../../../shared/contracts/comparison.ts'
import { type Report, type WorstComparison } from '../../../shared/contracts/report.ts'
import { reportOf } from '../report.ts'
import { bodiesCure, type Principal } from './principal.ts'

export const hiddenReason = `hidden: your role may not read texts; ${bodiesCure}`

/** The same report for whoever may not read what users and models said; its digest is that of what is left. */
export function reportFor({ mayReadBodies }: Principal, report: Report): Report {
  if (mayReadBodies) return report
  const { verdicts, facts, inputs } = report
  return reportOf({ verdicts, inputs, facts: facts.map((each) => ({ ...each, worst: each.worst.map(hideWorst) })) })
}

export function worstFor({ mayReadBodies }: Principal, worst: readonly WorstComparison[]): WorstComparison[] {
  return mayReadBodies ? [...worst] : worst.map(hideWorst)
}

/** What differs quotes what was said; the rung and the place do not. */
export function hideDifference(difference: Difference): Difference {
  return { ...difference, message: hiddenReason, served: null, arm: null }
}

function hideWorst(worst: WorstComparison): WorstComparison {
  const differences = worst.differences.map(hideDifference)
  return { ...worst, servedExcerpt: hiddenReason, armExcerpt: hiddenReason, differences }
}
