import { remembered } from '../text/remembered.ts'
import { isFunctionWord, isLightWord, maxFactChars, stem } from './words.ts'

const maxSentences = 150

/** Set phrases whose "not" denies nothing that the other side would have to deny too. */
const idioms =
  /\b(?:not (?:only|just|to mention|sure)|no (?:problem|worries|doubt|matter|later than|more than|less than|fewer than)|(?:why|if|or) not|whether or not|do not (?:hesitate|worry)|no\.(?= ?\d))/g

const negators = new Set(
  `not never no without neither nobody none nothing cannot unable forbidden prohibited refrain avoid
  nicht kein keine keinen keiner keinem keines niemals ohne pas jamais sans nunca jamás sin non senza não sem niet geen
  nooit`.split(/\s+/),
)
for (const auxiliary of 'ca do does did wo is are was were should could would has have had'.split(' ')) {
  negators.add(`${auxiliary}nt`)
}
const hidden = new Map(
  Object.entries({
    unavailable: 'available',
    unsupported: 'supported',
    unnecessary: 'necessary',
    impossible: 'possible',
    incompatible: 'compatible',
    ineligible: 'eligible',
    nonrefundable: 'refundable',
  }),
)

/** A sentence that hangs on one of these states nothing outright. */
const conditions = new Set(
  `if unless when whenever whether before until till after once because since while except only wait avoid instead rather
  otherwise will soon would could might may try wish would-be from`.split(/\s+/),
)

export type Sentence = {
  text: string
  /** Stems of its words, without negators and forms of "do": what is left the same when a "not" is dropped. */
  stems: string[]
  negations: number
  /** Stem of the first word of meaning that each negation governs. */
  denied: Set<string>
  conditions: string
  isOutright: boolean
}

export const sentencesOf: (text: string) => readonly Sentence[] = remembered((text) =>
  text
    .slice(0, maxFactChars)
    .split(/(?<=[.!?…。！？])\s+|[\n;]+|,? but (?!not\b)|, however,? /i)
    .filter((sentence) => sentence.trim() !== '')
    .slice(0, maxSentences)
    .map(readSentence),
)

function readSentence(text: string): Sentence {
  const words = wordsOf(text)
  const spoken = words.filter((word) => !unspoken.has(word))
  const conditional = [...new Set(words.filter((word) => conditions.has(word)))].toSorted()
  return {
    text: text.trim(),
    stems: spoken.map(stem),
    negations: words.filter((word) => word === 'not').length,
    denied: new Set(words.flatMap((word, at) => (word === 'not' ? (governed(words, at) ?? []) : []))),
    conditions: conditional.join(' '),
    isOutright: conditional.length === 0 && !/\?\s*$/.test(text),
  }
}

const clauseEnd = '|'
const clauseMarks = new Set(',:()—')
/** Left out where two sentences are held against each other, with the negations. */
const unspoken = new Set([clauseEnd, 'not', 'do', 'does', 'did', 'please'])

/** Every negation as the word `not`. */
function wordsOf(text: string): string[] {
  const plain = text
    .toLowerCase()
    .replaceAll('’', "'")
    .replaceAll(/\bcan't\b|\bcannot\b/g, 'can not')
  const open = plain.includes("n't") ? plain.replaceAll(/\bwon't\b/g, 'will not').replaceAll(/n't\b/g, ' not') : plain
  const words = (open.includes('no') ? open.replaceAll(idioms, ' ') : open).match(/[\p{L}\p{N}]+|[,:()—]/gu) ?? []
  return words.flatMap((word) => {
    if (clauseMarks.has(word)) return clauseEnd
    if (negators.has(word)) return 'not'
    const bare = hidden.get(word)
    return bare === undefined ? word : ['not', bare]
  })
}

/** "not able to cancel" denies `cancel`; "not allowed." denies `allowed`. */
function governed(words: string[], at: number): string | undefined {
  const clause = words.slice(at + 1, at + 8)
  const ends = clause.indexOf(clauseEnd)
  const scope = (ends === -1 ? clause : clause.slice(0, ends)).filter((word) => !isFunctionWord(word) && word !== 'not')
  const head = scope.find((word) => !isLightWord(word)) ?? scope[0]
  return head === undefined ? undefined : stem(head)
}
