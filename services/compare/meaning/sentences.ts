import { readFacts } from '../facts/extract.ts'
import { languageOfReading } from '../text/language.ts'
import { onceARead, type Reading } from '../text/reading.ts'
import { firstHash, hashed, WordSet } from '../text/vocabulary.ts'
import { isCourtesy, openingOf } from './openings.ts'
import { partsOf } from './parts.ts'
import { type Word, WordReader } from './words.ts'

export type Sentence = {
  text: string
  words: readonly Word[]
  /** Meanings of its words of content, each once. */
  content: readonly number[]
  /** An item of a numbered list. */
  isStep: boolean
  /** Of its meanings in order. */
  hash: number
}

const maxSentences = 150

/** Sentences and list items, in order, without what is said for courtesy only. */
export const sentencesOf: (reading: Reading) => readonly Sentence[] = onceARead((reading) => {
  const facts = readFacts(reading)
  const reader = new WordReader(reading, facts, languageOfReading(reading) !== 'German')
  const found: Sentence[] = []
  for (const part of partsOf(reading, facts.marked)) {
    if (isCourtesy(reading, part)) continue
    const { length, isStep } = openingOf(reading, part)
    const words = reader.read(part, part.start + length)
    if (words.length === 0) continue
    found.push(sentence(reading.text.slice(part.start, part.end).trim(), words, isStep))
    if (found.length === maxSentences) break
  }
  return found
})

const seen = new WordSet()

function sentence(text: string, words: Word[], isStep: boolean): Sentence {
  const content: number[] = []
  seen.clear()
  let hash = firstHash
  for (const { meaning, hasContent } of words) {
    hash = hashed(hash, meaning)
    if (!hasContent || seen.has(meaning)) continue
    seen.add(meaning)
    content.push(meaning)
  }
  return { text, words, content, isStep, hash }
}

/** The same meanings in the same order. */
export function isSame(left: Sentence, right: Sentence): boolean {
  if (left.hash !== right.hash || left.words.length !== right.words.length) return false
  for (let at = 0; at < left.words.length; at++) if (left.words[at]!.meaning !== right.words[at]!.meaning) return false
  return true
}
