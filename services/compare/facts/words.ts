import { endOfRun, isWordKind, joinedWord, type Reading } from '../text/reading.ts'
import { wordOf, type WordSet, wordTable } from '../text/vocabulary.ts'

/** Longer texts are read for facts and negations up to here. */
export const maxFactChars = 100_000

const functionWords = new Set(
  `a an the this that these those it its i you he she we they me us them my your our his her their who which what there here
  and or but so then than as if to of in on at for with by from about into over up out off am is are was were be been being
  do does did has have had having will would shall should may might must can could ll ve re s d also just even ever very
  really quite please yet still already again own any some all each both more most much many such too only own any anymore
  longer directly exactly simply currently always ever let lets us get got gets make makes sure going go`.split(/\s+/),
)

/** Carry little meaning next to another verb: "not able to cancel" is about cancelling. */
const lightWords = new Set(
  `able possible allow allows allowed permit permits permitted require requires required necessary need needs needed want
  wants wanted recommend recommended advise advised suppose supposed try tries tried seem seems appear appears like
  way`.split(/\s+/),
)

export const isFunctionWord = (word: string): boolean => functionWords.has(word)
export const isLightWord = (word: string): boolean => lightWords.has(word)

const suffixes = /(?:ations?|ings?|ables?|ibles?|ment|ally|ly|ies|ied|ed|es|s|e|y)$/

/** Texts repeat their words: each is cut once, until there are too many to keep. */
const stems = new Map<string, string>()
const maxStems = 50_000

/** A rough English stem, the same for `cancel`, `cancelled`, `cancelling` and `cancellation`. Other words come back whole. */
export function stem(word: string): string {
  const known = stems.get(word)
  if (known !== undefined) return known
  if (stems.size >= maxStems) stems.clear()
  const cut = cutSuffix(word)
  stems.set(word, cut)
  return cut
}

function cutSuffix(word: string): string {
  const bare = word.replace(suffixes, '')
  const kept = bare.length >= 3 ? bare : word
  return kept.replace(/([b-df-hj-np-tv-z])\1$/, '$1')
}

/** The same for the numbers of words. */
export const stemOf = wordTable((word) => wordOf(stem(word)))

/** The stem of a word that carries meaning, else -1. */
export const contentStemOf = wordTable((word) => (word.length > 1 && !isFunctionWord(word) ? wordOf(stem(word)) : -1))

/** Stems of the words that carry meaning. */
export function addContentStems(stems: WordSet, reading: Reading): void {
  for (let token = 0; token < reading.count;) {
    const next = endOfRun(reading, token)
    const stem = isWordKind(reading.kinds[token]!) ? contentStemOf(joinedWord(reading, token, next)) : -1
    if (stem !== -1) stems.add(stem)
    token = next
  }
}

/** The same of a part of a text. */
export function contentStems(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return new Set(words.filter((word) => word.length > 1 && !isFunctionWord(word)).map(stem))
}
