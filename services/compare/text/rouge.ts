import { lcsLength } from './lcs.ts'
import { readBoth } from './reading.ts'
import { sharedBigrams } from './bigrams.ts'
import { maxScoredChars } from './normal-form.ts'
import { fMeasure, sharedTokens, type TokenPair, wordTokens } from './tokens.ts'

export type Rouge = { rouge1: number; rouge2: number; rougeL: number }

/**
 * F of ROUGE-1, ROUGE-2 and ROUGE-L as Google's `rouge_score` has them, without stemming. Null where its tokens, ASCII
 * letters and digits only, would leave out more than half of either text's letters: then the score would be about the rest.
 */
export function rougeOf(served: string, arm: string): Rouge | null {
  return isRougeApplicable(served, arm) ? rougeOfTokens(wordTokens(served, arm)) : null
}

export function rougeOfTokens(pair: TokenPair): Rouge {
  const { left, right, count } = pair
  const [leftPairs, rightPairs] = [Math.max(0, left.length - 1), Math.max(0, right.length - 1)]
  return {
    rouge1: fMeasure(sharedTokens(pair), left.length, right.length),
    rouge2: fMeasure(sharedBigrams(left, right, count), leftPairs, rightPairs),
    rougeL: fMeasure(lcsLength(left, right, count), left.length, right.length),
  }
}

export function isRougeApplicable(served: string, arm: string): boolean {
  return readBoth(served, arm, maxScoredChars).every(({ letters }) => letters.ascii >= letters.others)
}
