import { type AnswerOutcome } from '../../../shared/contracts/answer.ts'
import { isIdentical } from '../identical.ts'
import { isRefusal } from '../refusal.ts'
import { agreed, broken, type Rung } from './rung.ts'

export const identical: Rung = ({ served, arm }) => (isIdentical(served, arm) ? agreed('identical', 'same') : null)

/** Two refusals agree, in whatever words; a refusal and an answer never do. */
export const refusal: Rung = (pair) => {
  const [served, arm] = [isRefusal(pair.served), isRefusal(pair.arm)]
  if (served && arm) return agreed('refusal', 'harmless')
  if (served) return broken('refusal', 'refusal_dropped', 'the served model refused, the arm answered', pair)
  return arm ? broken('refusal', 'refusal_added', 'the served model answered, the arm refused', pair) : null
}

const endings: Partial<Record<AnswerOutcome, string>> = {
  ok: 'ended by itself',
  truncated_by_limit: 'was cut off at the token limit',
  paused: 'paused in the middle of its turn',
}

/**
 * An answer that ends otherwise than the served one does another job, with one exception: where the served answer was
 * cut off and the arm's is whole, the beginning can still be compared, so the rungs below decide.
 */
export const finish: Rung = (pair) => {
  const [served, arm] = [pair.served.outcome, pair.arm.outcome]
  if (served === arm || (served === 'truncated_by_limit' && arm === 'ok')) return null
  const message = `the served answer ${endings[served] ?? served}, the arm’s ${endings[arm] ?? arm}`
  return broken('finish', arm === 'truncated_by_limit' ? 'truncation' : 'ending', message, pair)
}
