import { type Answer } from '../../../shared/contracts/answer.ts'
import { type Pair } from '../pair.ts'
import { type TaskFacts } from '../task.ts'
import { lazy } from '../text/lazy.ts'
import { contextOf, hasSection, isTooLong } from './context.ts'
import { ground, type Grounding } from './ground.ts'

/** Null where an answer has no text to be looked up: a call, a refusal. */
export type GroundingOf = (answer: Answer) => Grounding | null

/**
 * How the answers to a request are held against its own texts. Null: they are not, because the route says so, the request was
 * not kept or is too long, the answer is a label, or nothing says that it is to be taken from there (`declared` null).
 */
export function groundingOf({ task, asked }: TaskFacts, declared: boolean | null): GroundingOf | null {
  if (declared === false || asked === null || task === 'label') return null
  const { given } = asked
  if (isTooLong(given) || (declared === null && !given.hasDocuments && !hasSection(given))) return null
  const context = lazy(() => contextOf(given))
  const known = new Map<string, Grounding>()
  return ({ text, toolCalls, outcome }) => {
    if (toolCalls.length > 0 || outcome === 'refused' || text.trim() === '') return null
    const before = known.get(text)
    if (before !== undefined) return before
    const found = ground({ text }, context())
    known.set(text, found)
    return found
  }
}

/** Null where either answer has no text to be looked up, or none is. */
export function groundingOfBoth(of: GroundingOf | null, served: Answer, arm: Answer): Pair['grounding'] {
  const [ofServed, ofArm] = [of?.(served), of?.(arm)]
  return ofServed && ofArm ? { served: ofServed, arm: ofArm } : null
}
