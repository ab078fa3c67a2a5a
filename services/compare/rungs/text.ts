import { contentStems } from '../facts/words.ts'
import { type Pair } from '../pair.ts'
import { type TextComparison } from '../meaning/compare-texts.ts'
import { quotationDifferences } from '../quotations.ts'
import { isSameInWords } from '../scorers/exact.ts'
import { agreed, broken, type Decision, type Rung } from './rung.ts'

/**
 * The same words: case, punctuation, articles and spacing aside. Not for symbols, of which nothing would be left, nor for
 * code, where they are what counts.
 */
export const sameWords: Rung = (pair) => {
  const { served, arm } = pair
  if (served.text.includes('`') || !mayBeSame(served.text, arm.text)) return null
  const isSame =
    pair.squadWords().left.length > 0 && isSameInWords(pair) && digitsOf(served.text) === digitsOf(arm.text)
  return isSame ? agreed('words', 'same') : null
}

/**
 * The same words have the same letters and digits, those of articles aside, and most texts differ in the first few. Only what
 * is ASCII is looked at; true where a character comes that is ASCII in lower case alone.
 */
function mayBeSame(served: string, arm: string): boolean {
  for (let left = 0, right = 0; ; left++, right++) {
    while (left < served.length && isPassedOver(served.charCodeAt(left))) left++
    while (right < arm.length && isPassedOver(arm.charCodeAt(right))) right++
    const [unit, other] = [served.charCodeAt(left), arm.charCodeAt(right)]
    if (isAsciiInLower(unit) || isAsciiInLower(other)) return true
    if (left >= served.length || right >= arm.length) return left >= served.length && right >= arm.length
    if ((unit | 0x20) !== (other | 0x20)) return false
  }
}

const lastAscii = 0x7f
/** Neither a digit nor a letter, or a letter of `an` or `the`. */
const passedOver = Uint8Array.from({ length: lastAscii + 1 }, (_, unit) => {
  const character = String.fromCharCode(unit)
  return /[\dA-Z]/i.test(character) && !/[anthe]/i.test(character) ? 0 : 1
})
const isPassedOver = (unit: number): boolean => (unit <= lastAscii ? passedOver[unit] === 1 : !isAsciiInLower(unit))
/** `İ` and the sign of the kelvin. */
const isAsciiInLower = (unit: number): boolean => unit === 0x130 || unit === 0x212a

/** Numbers with their marks and signs, which the normal form drops: `-5` is not `5`, `1.5` not `15`. */
const digitsOf = (text: string): string => (text.match(/[-−]?\d[\d.,:/%]*/g) ?? []).join(' ')

const minStems = 5

/**
 * Prose is held against what can be checked in it (`compareTexts`). `decidedBy` is `text` where that does not settle it, and
 * quality 1 then says no more than that nothing speaks against the arm's answer. Only two texts of some length without one
 * word of meaning in common are taken for answers to different questions.
 */
export function text(pair: Pair): Decision {
  const { outcome, quality, differences, keptCount } = withQuotations(pair, withoutVeto(pair))
  if (outcome === 'unsure' && keptCount === 0 && isUnrelated(pair)) {
    return broken('text', 'unrelated', 'not one word of meaning in common', pair)
  }
  return { decidedBy: outcome === 'unsure' ? 'text' : 'facts', outcome, quality, differences }
}

/** A quotation altered is a fact contradicted; one left out or added is for a judge. */
function withQuotations(pair: Pair, compared: TextComparison): TextComparison {
  const found =
    pair.served.outcome === 'truncated_by_limit' ? [] : quotationDifferences(pair.served.text, pair.arm.text)
  if (found.length === 0) return compared
  const differences = [...compared.differences, ...found]
  if (compared.outcome === 'harmful') return { ...compared, differences }
  if (found.some(({ severity }) => severity === 'unsure')) return { ...compared, outcome: 'unsure', differences }
  const { keptCount } = compared
  const quality = pair.factVeto === 'none' ? (1 + keptCount) / (1 + keptCount + found.length) : 0
  return { ...compared, outcome: 'harmful', quality, differences: [...found, ...compared.differences] }
}

/** Where a contradiction is not to veto, it is one thing lost of all that the served text states. */
function withoutVeto(pair: Pair): TextComparison {
  const compared = pair.texts()
  if (pair.factVeto !== 'none' || compared.quality > 0) return compared
  const lost = compared.differences.filter(({ severity }) => severity === 'harmful').length
  return { ...compared, quality: (1 + compared.keptCount) / (1 + compared.keptCount + Math.max(1, lost)) }
}

function isUnrelated(pair: Pair): boolean {
  if (pair.rouge() === null) return false
  const [served, arm] = [contentStems(pair.served.text), contentStems(pair.arm.text)]
  return served.size >= minStems && arm.size >= minStems && served.isDisjointFrom(arm)
}
