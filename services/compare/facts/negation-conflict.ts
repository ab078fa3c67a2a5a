import { type Reading } from '../text/reading.ts'
import { fMeasure } from '../text/tokens.ts'
import { sharedWords } from '../text/vocabulary.ts'
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
    const rivals = arm.filter(
      (other) => other.negations !== sentence.negations && other.conditions === sentence.conditions,
    )
    const twin = mostAlike(sentence, rivals)
    // Each must be the other's nearest: "opened items cannot be returned" is no twin of "unopened items can".
    const isTwin = twin !== null && mostAlike(sentence, arm) === twin && mostAlike(twin, served) === sentence
    if (isTwin) return conflict(sentence, twin)
  }
  return null
}

function mostAlike(sentence: Sentence, others: readonly Sentence[]): Sentence | null {
  let best: Sentence | null = null
  let alike = sameSentence
  for (const other of others) {
    if (!isPossiblyAlike(sentence, other)) continue
    const f = fMeasure(sharedWords(sentence.stems, other.stems), sentence.stems.length, other.stems.length)
    const isBetter = f > alike || (f === alike && (best === null || other.negations === sentence.negations))
    if (isBetter) [best, alike] = [other, f]
  }
  return best
}

/** The shorter could be wholly inside the longer: without counting, the best that F can be. */
function isPossiblyAlike({ stems: left }: Sentence, { stems: right }: Sentence): boolean {
  return fMeasure(Math.min(left.length, right.length), left.length, right.length) >= sameSentence
}

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
  for (const denial of denying) {
    if (!denial.isOutright) continue
    for (const word of denial.denied) {
      const uses = stating.filter((sentence) => sentence.stems.includes(word))
      const isOnlyDenied = !denying.some((sentence) => sentence.stems.includes(word) && sentence.negations === 0)
      const isOnlyStated = uses.length > 0 && uses.every((use) => use.isOutright && use.negations === 0)
      if (isOnlyDenied && isOnlyStated) return found(denial, uses[0]!)
    }
  }
  return null
}

function conflict(served: Sentence, arm: Sentence): NegationConflict {
  return { deniedBy: served.negations > arm.negations ? 'served' : 'arm', served: saidIn(served), arm: saidIn(arm) }
}
