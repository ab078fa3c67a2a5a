import { kinds } from '../text/characters.ts'
import { type Piece, piecesOf } from '../text/pieces.ts'
import { onceARead, type Reading } from '../text/reading.ts'
import { firstHash, hashed, WordSet, wordTable } from '../text/vocabulary.ts'
import { readNumber, readNumberWord } from './numbers.ts'
import { areOpposite, hasOpposite } from './opposites.ts'
import { addContentStems, contentStemOf, stemOf } from './words.ts'

export type SentenceConflict = { message: string; served: string; arm: string }

/** Words and numbers of a sentence, in order. */
type Sentence = {
  reading: Reading
  piece: Piece
  count: number
  starts: readonly number[]
  ends: readonly number[]
  /** Stem of a word; `number` for a number. */
  stems: readonly number[]
  /** The same, with a mark for each number and for each word that has an opposite: what a turn leaves the same. */
  keys: readonly number[]
  hash: number
  /** Where a condition at its end begins; -1: nowhere. */
  condition: number
}

const maxSentences = 150
/** A template of fewer words (`5 days`) recurs by chance. */
const minWords = 3

const number = -1
const anyNumber = -2
const anyOpposite = -3

/**
 * Sentences of two texts that are word for word the same but for what makes them another statement: numbers in each
 * other's place ("3 chairs and 2 tables"), a word of the opposite meaning (`before` for `after`), or a condition at the end
 * that one has ("only if it is unopened") and nothing in the other text makes up for. Null where there is none.
 * Built to stay silent in doubt: what is told in other words is not looked at, and neither is a template that occurs twice.
 * `isCut`: the served text ended at the token limit, so its last sentence is none.
 */
export function sentenceConflict(served: Reading, arm: Reading, isCut: boolean): SentenceConflict | null {
  const [left, right] = [sentencesOf(served), sentencesOf(arm)]
  const [ours, theirs] = [onceEach(isCut ? left.slice(0, -1) : left), onceEach(right)]
  for (const sentence of ours.values()) {
    const twin = twinIn(theirs, sentence.keys, sentence.count, sentence.hash)
    const message = twin === null ? null : turnOf(sentence, twin)
    if (message !== null) return { message, served: saidIn(sentence), arm: saidIn(twin!) }
  }
  const dropped = conditionOnlyIn(ours, theirs, arm)
  if (dropped) return { message: 'condition dropped', served: saidIn(dropped.with), arm: saidIn(dropped.without) }
  const added = conditionOnlyIn(theirs, ours, served)
  return added && { message: 'condition added', served: saidIn(added.without), arm: saidIn(added.with) }
}

const saidIn = ({ reading, piece }: Sentence): string => reading.text.slice(piece.start, piece.end).trim()

type Sentences = ReadonlyMap<number, Sentence>

function onceEach(sentences: readonly Sentence[]): Sentences {
  const found = new Map<number, Sentence>()
  const twice: number[] = []
  for (const sentence of sentences) {
    if (found.has(sentence.hash)) twice.push(sentence.hash)
    found.set(sentence.hash, sentence)
  }
  for (const hash of twice) found.delete(hash)
  return found
}

function twinIn(sentences: Sentences, keys: readonly number[], count: number, hash: number): Sentence | null {
  const twin = sentences.get(hash)
  if (twin === undefined || twin.count !== count) return null
  for (let at = 0; at < count; at++) if (twin.keys[at] !== keys[at]) return null
  return twin
}

function hashOf(keys: readonly number[], count: number): number {
  let hash = firstHash
  for (let at = 0; at < count; at++) hash = hashed(hash, keys[at]!)
  return hash
}

/** Of the first words of two sentences, as many as the served one has: their keys are the same. */
function turnOf(served: Sentence, arm: Sentence): string | null {
  for (let at = 0; at < served.count; at++) {
    const message = served.keys[at]! < 0 ? turnAt(served, arm, at) : null
    if (message !== null) return message
  }
  return null
}

function turnAt(served: Sentence, arm: Sentence, at: number): string | null {
  const [from, to] = [writtenAt(served, at), writtenAt(arm, at)]
  if (served.keys[at] === anyNumber) {
    if (from === to) return null
    const [ours, theirs] = [numbersIn(from), numbersIn(to)]
    return ours.some((value) => theirs.includes(value)) ? null : `${from} became ${to} in the same sentence`
  }
  return areOpposite(served.stems[at]!, arm.stems[at]!) ? `${from} became ${to}, its opposite` : null
}

const writtenAt = ({ reading, starts, ends }: Sentence, at: number): string => reading.lower.slice(starts[at], ends[at])

function numbersIn(text: string): string[] {
  if (!/^[-−]?\d/.test(text)) return [String(readNumberWord(text))]
  const digits = text.replace(/^[-−]/, '')
  return readNumber(digits).map((value) => (digits === text ? value : `-${value}`))
}

/** Not `if` alone: "write to us if you need help" and "write to us" say the same. */
const conditionStart = /^(?:unless|provided|except|only)$/
const startsCondition = wordTable((word) => (conditionStart.test(word) ? 1 : 0))
/** So much of the condition's words elsewhere in the other text, and it is taken for said there. */
const saidElsewhere = 0.5
const words = new WordSet()

/** A sentence that is a whole sentence of the other side and then a condition. */
function conditionOnlyIn(
  conditional: Sentences,
  plain: Sentences,
  other: Reading,
): { with: Sentence; without: Sentence } | null {
  for (const sentence of conditional.values()) {
    const at = sentence.condition
    if (at === -1) continue
    const without = twinIn(plain, sentence.keys, at, hashOf(sentence.keys, at))
    if (without === null || turnOf(without, sentence) !== null) continue
    words.clear()
    addContentStems(words, other)
    const said = contentStemsFrom(sentence, at)
    const shared = said.filter((stem) => words.has(stem)).length
    if (shared < said.length * saidElsewhere) return { with: sentence, without }
  }
  return null
}

/** Stems of the words of meaning from this one on, each once. */
function contentStemsFrom({ reading, piece, starts }: Sentence, at: number): number[] {
  const found = new Set<number>()
  for (let token = piece.first; token < piece.last; token++) {
    if (reading.starts[token]! < starts[at]! || reading.kinds[token]! > kinds.digit) continue
    const stem = contentStemOf(reading.words[token]!)
    if (stem !== -1) found.add(stem)
  }
  return [...found]
}

const sentencesOf: (reading: Reading) => readonly Sentence[] = onceARead((reading) => {
  const sentences: Sentence[] = []
  for (const piece of piecesOf(reading).slice(0, maxSentences)) {
    const sentence = readSentence(reading, piece)
    if (sentence.count >= minWords) sentences.push(sentence)
  }
  return sentences
})

const isNumberWord = wordTable((word) => (readNumberWord(word) === undefined ? 0 : 1))

function readSentence(reading: Reading, piece: Piece): Sentence {
  const { kinds: kind, starts, ends, words: tokenWords } = reading
  // Plain arrays: of typed ones, hundreds for each text would cost the collector more than all the rest.
  const [sentenceStarts, sentenceEnds, stems, keys]: [number[], number[], number[], number[]] = [[], [], [], []]
  let condition = -1
  let hash = firstHash
  for (let token = afterListMark(reading, piece); token < piece.last; token++) {
    let [start, end] = [starts[token]!, ends[token]!]
    let [stem, key] = [number, anyNumber]
    if (kind[token] === kinds.letter) {
      const word = tokenWords[token]!
      stem = stemOf(word)
      key = isNumberWord(word) === 1 ? anyNumber : hasOpposite(stem) ? anyOpposite : stem
      if (condition === -1 && keys.length >= minWords && startsCondition(word) === 1) condition = keys.length
    } else if (kind[token] === kinds.digit) {
      while (isJoined(reading, piece, token)) token += 2
      end = ends[token]!
      if (isMinus(reading, piece, start - 1)) start--
    } else continue
    sentenceStarts.push(start)
    sentenceEnds.push(end)
    stems.push(stem)
    keys.push(key)
    hash = hashed(hash, key)
  }
  return {
    reading,
    piece,
    count: keys.length,
    starts: sentenceStarts,
    ends: sentenceEnds,
    stems,
    keys,
    hash,
    condition,
  }
}

const listMark = /^\s*(?:[-*•]\s*)?(?:\*\*)?\(?\d{1,3}[.)](?=[\s*])/

/** The first token behind "1." and the like. */
function afterListMark({ text, kinds: kind, starts }: Reading, { start, end, first, last }: Piece): number {
  if (first === last || (kind[first] !== kinds.digit && !'-*•('.includes(text[starts[first]!]!))) return first
  const mark = listMark.exec(text.slice(start, end))
  let token = first
  if (mark !== null) while (token < last && starts[token]! < start + mark[0].length) token++
  return token
}

const comma = 0x2c
const dot = 0x2e
const minus = 0x2d
const longMinus = 0x2212

/** `.5` or `,000` behind a number. */
function isJoined({ starts, ends, kinds: kind, words: tokenWords }: Reading, { last }: Piece, token: number): boolean {
  if (token + 2 >= last || kind[token + 1] !== kinds.mark || kind[token + 2] !== kinds.digit) return false
  if (tokenWords[token + 1] !== comma && tokenWords[token + 1] !== dot) return false
  return starts[token + 1] === ends[token] && starts[token + 2] === ends[token + 1]
}

/** The minus of a range (`5-7`) is none. */
function isMinus({ lower }: Reading, { start }: Piece, at: number): boolean {
  const unit = lower.charCodeAt(at)
  if (at < start || (unit !== minus && unit !== longMinus)) return false
  return at === start || !/[\p{L}\d]$/u.test(lower.slice(Math.max(start, at - 2), at))
}
