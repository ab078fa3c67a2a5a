import { fMeasure, sharedTokens } from '../text/tokens.ts'
import { isProse, type Scorer } from './scorer.ts'

/** SQuAD's F1 on the multisets of normalised tokens. Two empty answers agree; one empty answer has nothing in common. */
export const tokenF1: Scorer = {
  name: 'token_f1',
  isSymmetric: true,
  score: (pair) => {
    if (!isProse(pair)) return null
    const words = pair.squadWords()
    const { left, right } = words
    if (left.length === 0 && right.length === 0) return 1
    return fMeasure(sharedTokens(words), left.length, right.length)
  },
}
