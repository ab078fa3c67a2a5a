import { kinds } from '../text/characters.ts'
import { type Piece, piecesOf } from '../text/pieces.ts'
import { onceARead, type Reading } from '../text/reading.ts'
import { firstHash, hashed, wordOf, WordSet, wordTable } from '../text/vocabulary.ts'
import { readNumber, readNumberWord } from './numbers.ts'
import { areOpposite, hasOpposite } from './opposites.ts'
import { addContentStems, contentStemOf, stemOf } from './words.ts'

export type SentenceConflict = { message: string; served: string; arm: string }

/** The words and numbers of a text, each by its first token and its key, and the sentences that they are part of. */
type Statements = {
  reading: Reading
  tokens: Int32Array
  /** Stem of a word, with a mark for each number and for each word that has an opposite: what a turn leaves the same. */
  keys: Int32Array
  sentences: readonly Sentence[]
}

/** Words and numbers of a sentence, in order: `count` of those of its text, `from` on. */
type Sentence = {
  of: Statements
  piece: Piece
  from: number
  count: number
  /** Of its keys. */
  hash: number
  /** Where a condition at its end begins; -1: nowhere. */
  condition: number
}

const maxSentences = 150
/** A template of fewer words (`5 days`) recurs by chance. */
const minWords = 3

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
  const [left, right] = [statementsOf(served).sentences, statementsOf(arm).sentences]
  const [ours, theirs] = [onceEach(isCut ? left.slice(0, -1) : left), onceEach(right)]
  for (let at = 0; at < ours.all.length; at++) {
    const sentence = ours.all[at]!
    if (ours.byHash.get(sentence.hash) !== sentence) continue
    const twin = twinIn(theirs, sentence, sentence.count, sentence.hash)
    const message = twin === null ? null : turnOf(sentence, twin)
    if (message !== null) return { message, served: saidIn(sentence), arm: saidIn(twin!) }
  }
  const dropped = conditionOnlyIn(ours, theirs, arm)
  if (dropped) return { message: 'condition dropped', served: saidIn(dropped.with), arm: saidIn(dropped.without) }
  const added = conditionOnlyIn(theirs, ours, served)
  return added && { message: 'condition added', served: saidIn(added.without), arm: saidIn(added.with) }
}

const saidIn = ({ of, piece }: Sentence): string => of.reading.text.slice(piece.start, piece.end).trim()

/** Sentences in order, and of those whose hash occurs once which it is. */
type Sentences = { all: readonly Sentence[]; byHash: ReadonlyMap<number, Sentence> }

function onceEach(all: readonly Sentence[]): Sentences {
  const byHash = new Map<number, Sentence>()
  let twice: number[] | null = null
  for (let at = 0; at < all.length; at++) {
    const sentence = all[at]!
    if (byHash.has(sentence.hash)) (twice ??= []).push(sentence.hash)
    else byHash.set(sentence.hash, sentence)
  }
  if (twice !== null) for (const hash of twice) byHash.delete(hash)
  return { all, byHash }
}

/** Among sentences, the one of the first `count` words of another. */
function twinIn(sentences: Sentences, { of, from }: Sentence, count: number, hash: number): Sentence | null {
  const twin = sentences.byHash.get(hash)
  if (twin === undefined || twin.count !== count) return null
  for (let at = 0; at < count; at++) if (twin.of.keys[twin.from + at] !== of.keys[from + at]) return null
  return twin
}

function hashOf({ keys }: Statements, from: number, count: number): number {
  let hash = firstHash
  for (let at = from; at < from + count; at++) hash = hashed(hash, keys[at]!)
  return hash
}

/** Of the first words of two sentences, as many as the served one has: their keys are the same. */
function turnOf(served: Sentence, arm: Sentence): string | null {
  for (let at = 0; at < served.count; at++) {
    const message = served.of.keys[served.from + at]! < 0 ? turnAt(served, arm, at) : null
    if (message !== null) return message
  }
  return null
}

function turnAt(served: Sentence, arm: Sentence, at: number): string | null {
  const [ours, theirs] = [wordAt(served, at), wordAt(arm, at)]
  if (served.of.keys[served.from + at] === anyNumber) {
    const [from, to] = [writtenAt(served, at), writtenAt(arm, at)]
    if (from === to) return null
    const [values, others] = [numbersIn(from), numbersIn(to)]
    return values.some((value) => others.includes(value)) ? null : `${from} became ${to} in the same sentence`
  }
  return areOpposite(stemOf(ours), stemOf(theirs))
    ? `${writtenAt(served, at)} became ${writtenAt(arm, at)}, its opposite`
    : null
}

const wordAt = ({ of: { reading, tokens }, from }: Sentence, at: number): number => reading.words[tokens[from + at]!]!

function writtenAt({ of: { reading, tokens }, piece, from }: Sentence, at: number): string {
  const token = tokens[from + at]!
  const { lower, kinds: kind, starts, ends } = reading
  const start = starts[token]!
  if (kind[token] === kinds.letter) return lower.slice(start, ends[token])
  return lower.slice(isMinus(reading, piece, start - 1) ? start - 1 : start, ends[lastJoined(reading, piece, token)])
}

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
  for (let each = 0; each < conditional.all.length; each++) {
    const sentence = conditional.all[each]!
    const at = sentence.condition
    if (at === -1 || conditional.byHash.get(sentence.hash) !== sentence) continue
    const without = twinIn(plain, sentence, at, hashOf(sentence.of, sentence.from, at))
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
function contentStemsFrom({ of: { reading, tokens }, piece, from }: Sentence, at: number): number[] {
  const found = new Set<number>()
  for (let token = tokens[from + at]!; token < piece.last; token++) {
    if (reading.kinds[token]! > kinds.digit) continue
    const stem = contentStemOf(reading.words[token]!)
    if (stem !== -1) found.add(stem)
  }
  return [...found]
}

/** What a word is in a sentence that may be turned round. */
const keyOf = wordTable((word) => {
  if (readNumberWord(word) !== undefined) return anyNumber
  const stem = stemOf(wordOf(word))
  return hasOpposite(stem) ? anyOpposite : stem
})

let tokenBuffer = new Int32Array(1 << 10)
let keyBuffer = new Int32Array(1 << 10)

const statementsOf = onceARead((reading): Statements => {
  if (tokenBuffer.length < reading.count) {
    tokenBuffer = new Int32Array(2 * reading.count)
    keyBuffer = new Int32Array(2 * reading.count)
  }
  const pieces = piecesOf(reading)
  const sentences: Sentence[] = []
  const found = { reading, tokens: tokenBuffer, keys: keyBuffer, sentences }
  let count = 0
  for (let at = 0; at < pieces.length && at < maxSentences; at++) {
    const sentence = readSentence(found, pieces[at]!, count)
    if (sentence.count < minWords) continue
    count += sentence.count
    sentences.push(sentence)
  }
  found.tokens = tokenBuffer.slice(0, count)
  found.keys = keyBuffer.slice(0, count)
  return found
})

/** Puts its words into the buffers. */
function readSentence(of: Statements, piece: Piece, from: number): Sentence {
  const { reading } = of
  const { kinds: kind, words } = reading
  let [count, condition, hash] = [0, -1, firstHash]
  for (let token = afterListMark(reading, piece); token < piece.last; token++) {
    tokenBuffer[from + count] = token
    let key = anyNumber
    if (kind[token] === kinds.letter) {
      const word = words[token]!
      key = keyOf(word)
      if (condition === -1 && count >= minWords && startsCondition(word) === 1) condition = count
    } else if (kind[token] === kinds.digit) token = lastJoined(reading, piece, token)
    else continue
    keyBuffer[from + count++] = key
    hash = hashed(hash, key)
  }
  return { of, piece, from, count, hash, condition }
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

/** The last token of a number. */
function lastJoined(reading: Reading, piece: Piece, token: number): number {
  let last = token
  while (isJoined(reading, piece, last)) last += 2
  return last
}

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
