import { isIdentical } from '../identical.ts'
import { maxScoredChars, normalizeAnswer } from '../text/tokens.ts'
import { type Pair } from '../pair.ts'
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
  score: (pair) => (isProse(pair) ? (isSameInWords(pair) ? 1 : 0) : null),
}

/** The same words in the same order. What lies beyond `maxScoredChars` must be the same as it is. */
export function isSameInWords({ served, arm, squadWords }: Pair): boolean {
  if (Math.max(served.text.length, arm.text.length) > maxScoredChars) {
    return normalizeAnswer(served.text) === normalizeAnswer(arm.text)
  }
  const { left, right } = squadWords()
  return left.length === right.length && left.every((word, at) => word === right[at])
}
