import { type Reading } from '../text/reading.ts'
import { fMeasure } from '../text/tokens.ts'
import { sharedWords, WordSet } from '../text/vocabulary.ts'
import { saidIn, type Sentence, sentencesOf } from './negation.ts'

/** `served` or `arm` says outright what the other denies. */
export type NegationConflict = { deniedBy: 'served' | 'arm'; served: string; arm: string }

/** So alike that, apart from the negation, two sentences say the same. */
const sameSentence = 0.8

/**
 * A negation that one text has and the other lost. Two rules, both built to stay silent when in doubt:
 * two sentences with nearly the same words and the same conditions, of which one is negated; or a word that one text
 * denies, and only denies, while the other states it outright (not in a question, a condition or the future).
 * Limits: a negation carried by other words ("is waived", "keep it switched on") is not seen on either side, so a
 * contradiction phrased freely passes; the second rule reads English word order; other languages have the first only.
 */
export function negationConflict(served: Reading, arm: Reading): NegationConflict | null {
  const [left, right] = [sentencesOf(served), sentencesOf(arm)]
  if (!left.some(isDenial) && !right.some(isDenial)) return null
  return conflictOfSentences(left, right) ?? conflictOfWords(left, right)
}

const isDenial = ({ negations }: Sentence): boolean => negations > 0

function conflictOfSentences(served: readonly Sentence[], arm: readonly Sentence[]): NegationConflict | null {
  for (const sentence of served) {
    const twin = mostAlike(sentence, arm, true)
    // Each must be the other's nearest: "opened items cannot be returned" is no twin of "unopened items can".
    const isTwin = twin !== null && mostAlike(sentence, arm) === twin && mostAlike(twin, served) === sentence
    if (isTwin) return conflict(sentence, twin)
  }
  return null
}

/** `isRival`: only among those under the same conditions that are denied another number of times. */
function mostAlike(sentence: Sentence, others: readonly Sentence[], isRival = false): Sentence | null {
  const { stems, negations, conditions } = sentence
  let best: Sentence | null = null
  let alike = sameSentence
  for (const other of others) {
    if (isRival && (other.negations === negations || other.conditions !== conditions)) continue
    if (!isPossiblyAlike(stems.length, other.stems.length)) continue
    const f = fMeasure(sharedWords(stems, other.stems), stems.length, other.stems.length)
    const isBetter = f > alike || (f === alike && (best === null || other.negations === negations))
    if (isBetter) [best, alike] = [other, f]
  }
  return best
}

/** The shorter could be wholly inside the longer: without counting, the best that F can be. */
const isPossiblyAlike = (left: number, right: number): boolean =>
  fMeasure(Math.min(left, right), left, right) >= sameSentence

function conflictOfWords(served: readonly Sentence[], arm: readonly Sentence[]): NegationConflict | null {
  return (
    denialStatedBy(served, arm, (denial, statement) => conflict(denial, statement)) ??
    denialStatedBy(arm, served, (denial, statement) => conflict(statement, denial))
  )
}

function denialStatedBy(
  denying: readonly Sentence[],
  stating: readonly Sentence[],
  found: (denial: Sentence, statement: Sentence) => NegationConflict,
): NegationConflict | null {
  if (!denying.some(({ isOutright, denied }) => isOutright && denied.length > 0)) return null
  stated.clear()
  for (const { negations, stems } of denying) if (negations === 0) for (const stem of stems) stated.add(stem)
  for (const denial of denying) {
    if (!denial.isOutright) continue
    for (const word of denial.denied) {
      const statement = stated.has(word) ? null : onlyStated(word, stating)
      if (statement !== null) return found(denial, statement)
    }
  }
  return null
}

/** Stems of the sentences of one text that hold no negation. */
const stated = new WordSet()

/** The first sentence with this word, where all that have it state it outright. */
function onlyStated(word: number, sentences: readonly Sentence[]): Sentence | null {
  let first: Sentence | null = null
  for (const sentence of sentences) {
    if (!sentence.stems.includes(word)) continue
    if (!sentence.isOutright || sentence.negations > 0) return null
    first ??= sentence
  }
  return first
}

function conflict(served: Sentence, arm: Sentence): NegationConflict {
  return { deniedBy: served.negations > arm.negations ? 'served' : 'arm', served: saidIn(served), arm: saidIn(arm) }
}
