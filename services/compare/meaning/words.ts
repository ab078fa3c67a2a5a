import { type FactText, firstMark } from '../facts/extract.ts'
import { type Fact } from '../facts/fact.ts'
import { isFunctionWord } from '../facts/words.ts'
import { kinds, unitsOf } from '../text/characters.ts'
import { type Piece } from '../text/pieces.ts'
import { type Reading } from '../text/reading.ts'
import { wordOf, wordTable } from '../text/vocabulary.ts'
import { boundAround, isLight, mayEndBound, meaningOf } from './lexicon.ts'
import { isSpace } from './parts.ts'

export type Word = {
  /** As written, in lower case: its number in `vocabulary`. */
  lower: number
  /** The same for words of one meaning, and for notations of one fact. */
  meaning: number
  hasContent: boolean
  /** Written with a capital inside a sentence. Not told in German, where every noun is. */
  isName: boolean
  fact: Fact | null
  /** Of a number: `at least`, `at most`, `more than`, `less than`. */
  bound: string | null
}

/** In front of a word, they may be why it has a capital. */
const openers = unitsOf(':"“„«(|')
const apostrophe = 0x27
const curledApostrophe = 0x2019
/** So much of a sentence around a word is looked at. */
const maxAround = 30

const carriesMeaning = wordTable((word) =>
  word.length > 1 && !word.endsWith("n't") && !isFunctionWord(word) && !isLight(word) ? 1 : 0,
)
const meaningWord = wordTable((word) => wordOf(meaningOf(word)))
const endsBound = wordTable((word) => (mayEndBound(word) ? 1 : 0))
const isOr = wordTable((word) => (word === 'or' ? 1 : 0))

/** The words of a text in which facts are marked: a fact is one word, and what was read as no fact is none. */
export class WordReader {
  readonly #reading: Reading
  readonly #text: FactText
  readonly #readsNames: boolean
  /** The word before the place that is read, and where it ends. */
  #before = -1
  #beforeEnd = -1

  constructor(reading: Reading, text: FactText, readsNames: boolean) {
    this.#reading = reading
    this.#text = text
    this.#readsNames = readsNames
  }

  /** The words of a sentence that begin at the character `from` or behind it. */
  read(piece: Piece, from: number): Word[] {
    const { kinds: kind, starts, ends } = this.#reading
    const { marked } = this.#text
    const found: Word[] = []
    this.#beforeEnd = -1
    let at = piece.start
    for (let token = piece.first; token < piece.last;) {
      const [start, end] = [Math.max(starts[token]!, at), ends[token]!]
      const unit = start < end ? marked.charCodeAt(start) : 0
      if (isMark(unit)) {
        at = behindRun(marked, start, piece.end)
        const first = startOfRun(marked, start, piece.start)
        if (unit >= firstMark && first >= from) found.push(this.#fact(unit - firstMark, first, at, piece, token))
        this.#beforeEnd = -1
        if (at >= end) token++
        continue
      }
      if (start >= end || kind[token] !== kinds.letter) {
        token++
        continue
      }
      const last = this.#text.isCutting ? token : this.#lastOf(token, piece.last)
      const until = this.#text.isCutting ? nextMark(marked, start, ends[last]!) : ends[last]!
      if (start >= from) found.push(this.#word(token, last, start, until, piece, found.length === 0))
      this.#before = this.#reading.words[last]!
      this.#beforeEnd = until
      at = until
      token = until < ends[last]! ? last : last + 1
    }
    return found
  }

  /** "don't" is one word: its last token. */
  #lastOf(token: number, end: number): number {
    const { kinds: kind, starts, ends, words } = this.#reading
    const { marked } = this.#text
    let last = token
    while (last + 2 < end && kind[last + 1] === kinds.mark && kind[last + 2] === kinds.letter) {
      const isApostrophe = words[last + 1] === apostrophe || words[last + 1] === curledApostrophe
      const isGlued = starts[last + 1] === ends[last] && starts[last + 2] === ends[last + 1]
      if (!isApostrophe || !isGlued || isMark(marked.charCodeAt(starts[last + 2]!))) break
      last += 2
    }
    return last
  }

  #word(token: number, last: number, start: number, end: number, { start: sentence }: Piece, isFirst: boolean): Word {
    const { text, words, starts, ends } = this.#reading
    const isWhole = last === token && start === starts[token] && end === ends[token]
    const lower = isWhole ? words[token]! : wordOf(this.#written(start, end))
    const isName =
      this.#readsNames &&
      !isFirst &&
      isCapital(text, start) &&
      !isI(text, start, end) &&
      !this.#isOpened(start, sentence)
    const hasContent = isName || carriesMeaning(lower) === 1
    return { lower, meaning: hasContent ? meaningWord(lower) : lower, hasContent, isName, fact: null, bound: null }
  }

  #written(start: number, end: number): string {
    return this.#reading.lower.slice(start, end).replaceAll('’', "'").replace(/'s$/, '')
  }

  #isOpened(start: number, sentence: number): boolean {
    const { marked } = this.#text
    let at = start - 1
    while (at >= sentence && at >= start - maxAround && isSpace(marked.charCodeAt(at))) at--
    return at >= sentence && at >= start - maxAround && openers.has(marked.charCodeAt(at))
  }

  #fact(place: number, start: number, end: number, piece: Piece, token: number): Word {
    const fact = this.#text.facts[place]!
    const meaning = fact.keys[0]!
    const lower = wordOf(this.#reading.lower.slice(start, end))
    const bound = this.#boundOf(start, end, piece, token)
    return { lower, meaning, hasContent: true, isName: false, fact, bound }
  }

  #boundOf(start: number, end: number, piece: Piece, token: number): string | null {
    const { marked } = this.#text
    let before = start
    while (before > piece.start && isSpace(marked.charCodeAt(before - 1))) before--
    const mayBe =
      (this.#beforeEnd === before && endsBound(this.#before) === 1) ||
      this.#isBeforeOr(token, piece.last, end + maxAround)
    if (!mayBe) return null
    return boundAround(
      marked.slice(Math.max(piece.start, start - maxAround), start).trimEnd(),
      marked.slice(end, Math.min(piece.end, end + maxAround)),
    )
  }

  /** "5 years or older". */
  #isBeforeOr(token: number, last: number, limit: number): boolean {
    const { kinds: kind, starts, words } = this.#reading
    let seen = 0
    for (let at = token + 1; at < last && starts[at]! < limit && seen < 6; at++) {
      if (kind[at] !== kinds.letter) continue
      if (isOr(words[at]!) === 1) return true
      seen++
    }
    return false
  }
}

const isMark = (unit: number): boolean => unit >= 0xe000 && unit < 0xe200

function startOfRun(marked: string, at: number, least: number): number {
  let start = at
  while (start > least && marked.charCodeAt(start - 1) === marked.charCodeAt(at)) start--
  return start
}

function behindRun(marked: string, at: number, most: number): number {
  let end = at + 1
  while (end < most && marked.charCodeAt(end) === marked.charCodeAt(at)) end++
  return end
}

function nextMark(marked: string, from: number, end: number): number {
  let at = from
  while (at < end && !isMark(marked.charCodeAt(at))) at++
  return at
}

function isCapital(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return unit < 0x80 ? unit >= 0x41 && unit <= 0x5a : /^\p{Lu}/u.test(text.slice(at, at + 2))
}

/** "I", "I'm". */
function isI(text: string, start: number, end: number): boolean {
  if (text[start] !== 'I') return false
  const next = text.charCodeAt(start + 1)
  return start + 1 === end || next === apostrophe || next === curledApostrophe
}
