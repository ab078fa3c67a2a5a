import { type Reading } from '../text/reading.ts'
import { saidIn, sentencesOf } from './negation.ts'

/** What a service may promise, and how else the served answer may have spoken of it. */
const kinds: readonly { of: string; words: RegExp }[] = [
  {
    of: 'a refund',
    words: /\brefund|\breimburs|\bmoney back|\bpa(?:y|id) (?:you )?back|\bgive you back|\breturn the (?:amount|money)/i,
  },
  { of: 'compensation', words: /\bcompensat|\bgoodwill|\bvoucher|\bgift card|\bcredit|\bdiscount/i },
  { of: 'a replacement', words: /\breplac|\bsend (?:you )?(?:a new|another)|\bexchange/i },
]

const promising =
  /\b(?:we|i)(?:['’](?:ll|ve)| will| have| shall| are going to)\b|\byou(?:['’]ll| will) (?:get|receive|be (?:given|sent|paid|refunded))\b/i

const hedged = /\b(?:if|unless|when|whenever|once|whether|until|would|could|might|may)\b|\?\s*$/i

/** Promises that the arm makes outright, of a kind that the served text does not speak of at all. English only. */
export function newPromises(served: Reading, arm: Reading): { of: string; sentence: string }[] {
  if (!promising.test(arm.text)) return []
  return kinds.flatMap(({ of, words }) => {
    if (!words.test(arm.text) || words.test(served.text)) return []
    const made = sentencesOf(arm).find((sentence) => {
      const text = saidIn(sentence)
      return sentence.negations === 0 && promising.test(text) && words.test(text) && !hedged.test(text)
    })
    return made ? [{ of, sentence: saidIn(made) }] : []
  })
}
