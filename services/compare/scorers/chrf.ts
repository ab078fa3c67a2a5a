import { chrf as chrfOf } from '../text/chrf.ts'
import { isProse, type Scorer } from './scorer.ts'

/** chrF with the served answer as reference, in [0, 1], where ROUGE is not applicable. */
export const chrf: Scorer = {
  name: 'chrf',
  isSymmetric: false,
  score: (pair) => (isProse(pair) && pair.rouge() === null ? chrfOf(pair.served.text, pair.arm.text) : null),
}

/** The same, whatever ROUGE says. */
export const chrfAlways: Scorer = {
  name: 'chrf',
  isSymmetric: false,
  score: (pair) => (isProse(pair) ? chrfOf(pair.served.text, pair.arm.text) : null),
}
