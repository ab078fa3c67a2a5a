import { lettersOf } from './letters.ts'
import { lcsLength } from './lcs.ts'
import { remembered } from './remembered.ts'
import { fMeasure, maxScoredChars, sharedBigrams, sharedTokens, type TokenPair, wordTokens } from './tokens.ts'

export type Rouge = { rouge1: number; rouge2: number; rougeL: number }

/**
 * F of ROUGE-1, ROUGE-2 and ROUGE-L as Google's `rouge_score` has them, without stemming. Null where its tokens, ASCII
 * letters and digits only, would leave out more than half of either text's letters: then the score would be about the rest.
 */
export function rougeOf(served: string, arm: string): Rouge | null {
  return isRougeApplicable(served) && isRougeApplicable(arm) ? rougeOfTokens(wordTokens(served, arm)) : null
}

export function rougeOfTokens({ left, right, count }: TokenPair): Rouge {
  const [leftPairs, rightPairs] = [Math.max(0, left.length - 1), Math.max(0, right.length - 1)]
  return {
    rouge1: fMeasure(sharedTokens(left, right), left.length, right.length),
    rouge2: fMeasure(sharedBigrams(left, right, count), leftPairs, rightPairs),
    rougeL: fMeasure(lcsLength(left, right, count), left.length, right.length),
  }
}

export const isRougeApplicable = remembered((text: string): boolean => {
  const { ascii, others } = lettersOf(text.length > maxScoredChars ? text.slice(0, maxScoredChars) : text)
  return ascii >= others
})
