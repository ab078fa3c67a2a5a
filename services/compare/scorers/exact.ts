import { isIdentical } from '../identical.ts'
import { normalizeAnswer } from '../text/tokens.ts'
import { isProse, type Scorer } from './scorer.ts'

/** The same text, tool calls and kind of ending. */
export const exact: Scorer = {
  name: 'exact',
  isSymmetric: true,
  score: ({ served, arm }) => (isIdentical(served, arm) ? 1 : 0),
}

/** The same text in SQuAD's normal form: case, ASCII punctuation, articles and spacing do not count. */
export const normalizedExact: Scorer = {
  name: 'normalized_exact',
  isSymmetric: true,
  score: (pair) =>
    isProse(pair) ? (normalizeAnswer(pair.served.text) === normalizeAnswer(pair.arm.text) ? 1 : 0) : null,
}
