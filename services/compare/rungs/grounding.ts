import { type Pair } from '../pair.ts'
import { type Decision, type Finding } from './rung.ts'

const maxNamed = 5

/**
 * What the arm states and the context of the request does not hold takes quality, whatever the rungs before it said: where the
 * served answer keeps to the context, this is the arm's own doing. Where the served answer does not either, nothing is held
 * against the arm.
 */
export function withGrounding(decision: Decision, { grounding, arm }: Pair): Decision {
  if (grounding === null || grounding.served.missing.length > 0 || grounding.arm.missing.length === 0) return decision
  const { claims, missing } = grounding.arm
  const found: Finding[] = missing.slice(0, maxNamed).map(({ kind, text }) => ({
    rung: 'grounding',
    kind: kind === 'name' || kind === 'quotation' ? kind : 'number',
    severity: 'harmful',
    path: null,
    message: `${kind} ${text} is not in the context of the request`,
    served: null,
    arm: arm.text,
  }))
  const quality = Math.min(decision.quality, (1 + claims - missing.length) / (1 + claims))
  const differences = [...decision.differences, ...found]
  if (decision.outcome === 'harmful') return { ...decision, quality, differences }
  return { decidedBy: 'grounding', outcome: 'harmful', quality, differences: [...found, ...decision.differences] }
}
