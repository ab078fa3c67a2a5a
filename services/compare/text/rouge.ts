import { lettersOf } from './letters.ts'
import { lcsLength } from './lcs.ts'
import { remembered } from './remembered.ts'
import { fMeasure, intern, maxScoredChars, overlap, wordTokens } from './tokens.ts'

export type Rouge = { rouge1: number; rouge2: number; rougeL: number }

/**
 * F of ROUGE-1, ROUGE-2 and ROUGE-L as Google's `rouge_score` has them, without stemming. Null where its tokens, ASCII
 * letters and digits only, would leave out more than half of either text's letters: then the score would be about the rest.
 */
export function rougeOf(served: string, arm: string): Rouge | null {
  if (!isApplicable(served) || !isApplicable(arm)) return null
  const [left, right] = intern(wordTokens(served), wordTokens(arm))
  const [leftPairs, rightPairs] = [bigrams(left), bigrams(right)]
  return {
    rouge1: fMeasure(overlap(left, right), left.length, right.length),
    rouge2: fMeasure(overlap(leftPairs, rightPairs), leftPairs.length, rightPairs.length),
    rougeL: fMeasure(lcsLength(left, right), left.length, right.length),
  }
}

const isApplicable = remembered((text: string): boolean => {
  const { ascii, others } = lettersOf(text.slice(0, maxScoredChars))
  return ascii >= others
})

/** Token numbers are below 2 × `maxTokens`, so a pair of them is one exact double. */
function bigrams(tokens: Int32Array): Float64Array {
  return Float64Array.from(
    { length: Math.max(0, tokens.length - 1) },
    (_, at) => tokens[at]! * 2 ** 20 + tokens[at + 1]!,
  )
}
