import { kinds as characters } from '../text/characters.ts'
import { onceARead, type Reading } from '../text/reading.ts'
import { wordTable } from '../text/vocabulary.ts'
import { isApostrophe } from './denials.ts'
import { saidIn, sentencesOf } from './negation.ts'

/** What a service may promise, and how else the served answer may have spoken of it; `part`: what a word of it always holds. */
const kinds: readonly { of: string; words: RegExp; part: RegExp }[] = [
  {
    of: 'a refund',
    words: /\brefund|\breimburs|\bmoney back|\bpa(?:y|id) (?:you )?back|\bgive you back|\breturn the (?:amount|money)/i,
    part: /refund|reimburs|money|pay|paid|give|return/,
  },
  {
    of: 'compensation',
    words: /\bcompensat|\bgoodwill|\bvoucher|\bgift card|\bcredit|\bdiscount/i,
    part: /compensat|goodwill|voucher|gift|credit|discount/,
  },
  {
    of: 'a replacement',
    words: /\breplac|\bsend (?:you )?(?:a new|another)|\bexchange/i,
    part: /replac|send|exchange/,
  },
]

const promising =
  /\b(?:we|i)(?:['’](?:ll|ve)| will| have| shall| are going to)\b|\byou(?:['’]ll| will) (?:get|receive|be (?:given|sent|paid|refunded))\b/i

const hedged = /\b(?:if|unless|when|whenever|once|whether|until|would|could|might|may)\b|\?\s*$/i

/** Whoever promises, and how. */
const isPromiser = 8
const isPromise = 16
/** One right before the other. */
const isPromising = 32

const roleOf = wordTable((word) => {
  let role = 0
  for (const [place, { part }] of kinds.entries()) if (part.test(word)) role |= 1 << place
  if (/(?:we|i|you)$/.test(word)) role |= isPromiser
  if (/^(?:ll|ve|will|have|shall|are)/.test(word)) role |= isPromise
  return role
})

/** What the words of a text may be, together: most texts hold nothing that a promise is told by. */
const spokenOf = onceARead((reading): { role: number } => {
  const { count, kinds: kind, words } = reading
  let [all, before] = [0, 0]
  for (let token = 0; token < count; token++) {
    if (kind[token] === characters.letter) {
      const role = roleOf(words[token]!)
      all |= role
      if ((before & isPromiser) !== 0 && (role & isPromise) !== 0) all |= isPromising
      before = role
    } else if (kind[token] !== characters.mark || !isApostrophe(words[token]!)) before = 0
  }
  return { role: all }
})

/** Promises that the arm makes outright, of a kind that the served text does not speak of at all. English only. */
export function newPromises(served: Reading, arm: Reading): { of: string; sentence: string }[] {
  const { role: spoken } = spokenOf(arm)
  if ((spoken & isPromising) === 0 || !promising.test(arm.text)) return []
  return kinds.flatMap(({ of, words }, place) => {
    if ((spoken & (1 << place)) === 0 || !words.test(arm.text) || words.test(served.text)) return []
    const made = sentencesOf(arm).find((sentence) => {
      const text = saidIn(sentence)
      return sentence.negations === 0 && promising.test(text) && words.test(text) && !hedged.test(text)
    })
    return made ? [{ of, sentence: saidIn(made) }] : []
  })
}
