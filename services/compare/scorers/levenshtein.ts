import { levenshteinRatio as ratioOf } from '../text/levenshtein-ratio.ts'
import { isProse, type Scorer } from './scorer.ts'

/** On longer texts it tells no more than ROUGE-L, and takes long. */
const maxChars = 512

/** Levenshtein ratio of short texts, by characters. */
export const levenshteinRatio: Scorer = {
  name: 'levenshtein_ratio',
  isSymmetric: true,
  score: (pair) => {
    const isShort = pair.served.text.length <= maxChars && pair.arm.text.length <= maxChars
    return isProse(pair) && isShort ? ratioOf(pair.served.text, pair.arm.text) : null
  },
}
