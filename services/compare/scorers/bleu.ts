import { bleu as bleuOf } from '../text/bleu.ts'
import { isProse, type Scorer } from './scorer.ts'

/** Sentence BLEU with the served answer as reference, in [0, 1]. */
export const bleu: Scorer = {
  name: 'bleu',
  isSymmetric: false,
  score: (pair) => (isProse(pair) ? bleuOf(pair.served.text, pair.arm.text) : null),
}
