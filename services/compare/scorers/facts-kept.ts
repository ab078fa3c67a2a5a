import { isProse, type Scorer } from './scorer.ts'

/** Share of the served text's facts (amounts, dates, codes, …) that the arm's text has too. Applies where there is one. */
export const factsKept: Scorer = {
  name: 'facts_kept',
  isSymmetric: false,
  score: (pair) => {
    if (!isProse(pair)) return null
    const { keptCount, servedCount } = pair.keptFacts()
    return servedCount === 0 ? null : keptCount / servedCount
  },
}
