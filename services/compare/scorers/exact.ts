import { isIdentical } from '../identical.ts'
import { maxScoredChars, normalizeAnswer } from '../text/normal-form.ts'
import { type Pair } from '../pair.ts'
import { maxTokens } from '../text/scored-words.ts'
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

/** The same words in the same order, to the end, however long the texts are. */
export function isSameInWords({ served, arm, squadWords }: Pair): boolean {
  const { left, right } = squadWords()
  if (left.length !== right.length) return false
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false
  const isWhole = left.length < maxTokens && Math.max(served.text.length, arm.text.length) <= maxScoredChars
  return isWhole || normalizeAnswer(served.text) === normalizeAnswer(arm.text)
}
