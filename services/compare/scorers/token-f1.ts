import { fMeasure, overlap, squadTokens } from '../text/tokens.ts'
import { isProse, type Scorer } from './scorer.ts'

/** SQuAD's F1 on the multisets of normalised tokens. Two empty answers agree; one empty answer has nothing in common. */
export const tokenF1: Scorer = {
  name: 'token_f1',
  isSymmetric: true,
  score: (pair) => {
    if (!isProse(pair)) return null
    const [served, arm] = [squadTokens(pair.served.text), squadTokens(pair.arm.text)]
    if (served.length === 0 && arm.length === 0) return 1
    return fMeasure(overlap(served, arm), served.length, arm.length)
  },
}
