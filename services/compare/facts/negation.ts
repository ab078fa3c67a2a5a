import { kinds } from '../text/characters.ts'
import { type Piece, isBlank, lastSpoken, piecesOf } from '../text/pieces.ts'
import { isWordKind, onceARead, type Reading } from '../text/reading.ts'
import { wordTable } from '../text/vocabulary.ts'
import { clauseEnd, isApostrophe, mayDeny, not, readSpoken, spoken } from './denials.ts'
import { isFunctionWord, isLightWord, stemOf } from './words.ts'

const maxSentences = 150

/** A sentence that hangs on one of these states nothing outright. At most 31: a sentence has them as bits. */
const conditions =
  `if unless when whenever whether before until till after once because since while except only wait instead rather
  otherwise will soon would could might may try wish from`.split(/\s+/)

export type Sentence = {
  reading: Reading
  piece: Piece
  /** Stems of its words, without negators and forms of "do": what is left the same when a "not" is dropped. */
  stems: readonly number[]
  negations: number
  /** Stem of the first word of meaning that each negation governs, each once. */
  denied: readonly number[]
  conditions: number
  isOutright: boolean
}

export const saidIn = ({ reading, piece }: Sentence): string => reading.text.slice(piece.start, piece.end).trim()

export const sentencesOf: (reading: Reading) => readonly Sentence[] = onceARead((reading) => {
  const sentences: Sentence[] = []
  readRoles(reading)
  for (const piece of piecesOf(reading)) {
    for (const part of clausesOf(reading, piece)) {
      if (isBlank(reading, part)) continue
      sentences.push(readSentence(reading, part))
      if (sentences.length === maxSentences) return sentences
    }
  }
  return sentences
})

const space = 0x20
const comma = 0x2c
const lowLine = 0x5f
const question = 0x3f

/** Parted again at "but" and ", however": what is said before it may be denied behind it. */
function clausesOf(reading: Reading, piece: Piece): readonly Piece[] {
  const { lower, kinds: kind, starts, ends } = reading
  let parts: Piece[] | null = null
  let [start, first] = [piece.start, piece.first]
  for (let token = piece.first; token < piece.last; token++) {
    if ((roles[token]! & isTurn) === 0 || kind[token] !== kinds.letter) continue
    if (lower.charCodeAt(starts[token]! - 1) !== space) continue
    const length = ends[token]! - starts[token]!
    const isBut = length === but.length
    const hasComma = lower.charCodeAt(starts[token]! - 2) === comma
    const from = starts[token]! - (hasComma && starts[token]! - 2 >= start ? 2 : 1)
    let until = ends[token]!
    if (!isBut && lower.charCodeAt(until) === comma) until++
    if (from < start || until >= piece.end || lower.charCodeAt(until) !== space) continue
    if (isBut ? isNot(lower, until + 1) : from !== starts[token]! - 2) continue
    parts ??= []
    parts.push({ start, end: from, first, last: from === starts[token]! - 2 ? token - 1 : token })
    ;[start, first] = [until + 1, until === ends[token] ? token + 1 : token + 2]
  }
  if (parts === null) return [piece]
  parts.push({ start, end: piece.end, first, last: piece.last })
  return parts
}

const isNot = (lower: string, at: number): boolean =>
  lower.startsWith('not', at) && !isWordUnit(lower.charCodeAt(at + 3))

/** As in `\w`. */
const isWordUnit = (unit: number): boolean =>
  (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === lowLine

// What a word is to a sentence, one bit each.
const isUnspoken = 1
const isFunction = 2
const isLight = 4
const isConditional = 8

const isDenying = 16
const isTurn = 32
const but = 'but'

/** Left out where two sentences are held against each other, with the negations. */
const unspoken = new Set(['not', 'do', 'does', 'did', 'please'])

const roleOf = wordTable((word) => {
  let role = 0
  if (unspoken.has(word)) role |= isUnspoken
  if (isFunctionWord(word)) role |= isFunction
  if (isLightWord(word)) role |= isLight
  if (conditions.includes(word)) role |= isConditional
  if (mayDeny(word)) role |= isDenying
  if (word === but || word === 'however') role |= isTurn
  return role
})
const conditionOf = wordTable((word) => {
  const at = conditions.indexOf(word)
  return at === -1 ? 0 : 1 << at
})

/** What a sentence without a negation denies. */
const nothing: readonly number[] = []
/** Of the sentence that is read. Typed arrays, one a sentence, would cost the collector more than all the rest. */
const stemBuffer: number[] = []

/** Of each word of the text that is read; 0 for all else. */
let roles = new Uint8Array(1 << 10)

function readRoles({ count, kinds: kind, words }: Reading): void {
  if (roles.length < count) roles = new Uint8Array(2 * count)
  for (let token = 0; token < count; token++) roles[token] = isWordKind(kind[token]!) ? roleOf(words[token]!) : 0
}

function readSentence(reading: Reading, piece: Piece): Sentence {
  return readPlain(reading, piece) ?? readDenying(reading, piece)
}

/** Most sentences deny nothing, and their words are tokens. Null for the others. */
function readPlain(reading: Reading, piece: Piece): Sentence | null {
  const { kinds: kind, starts, ends, words } = reading
  let [stems, conditions] = [0, 0]
  for (let token = piece.first; token < piece.last; token++) {
    if (!isWordKind(kind[token]!)) {
      if (kind[token] === kinds.mark && isApostrophe(words[token]!)) return null
      continue
    }
    const role = roles[token]!
    const isJoined = token + 1 < piece.last && isWordKind(kind[token + 1]!) && starts[token + 1] === ends[token]
    if ((role & isDenying) !== 0 || isJoined) return null
    if ((role & isConditional) !== 0) conditions |= conditionOf(words[token]!)
    if ((role & isUnspoken) === 0) stemBuffer[stems++] = stemOf(words[token]!)
  }
  return sentence(reading, piece, stemBuffer.slice(0, stems), 0, nothing, conditions)
}

function readDenying(reading: Reading, piece: Piece): Sentence {
  readSpoken(reading, piece)
  const { words, count } = spoken
  let denied = nothing
  let [stems, conditions, negations] = [0, 0, 0]
  for (let at = 0; at < count; at++) {
    const word = words[at]!
    if (word >= 0) {
      const role = roleOf(word)
      if ((role & isConditional) !== 0) conditions |= conditionOf(word)
      if ((role & isUnspoken) === 0) stemBuffer[stems++] = stemOf(word)
    } else if (word === not) {
      negations++
      const stem = governed(at)
      if (stem !== -1 && !denied.includes(stem)) denied = [...denied, stem]
    }
  }
  return sentence(reading, piece, stemBuffer.slice(0, stems), negations, denied, conditions)
}

function sentence(
  reading: Reading,
  piece: Piece,
  stems: readonly number[],
  negations: number,
  denied: readonly number[],
  conditions: number,
): Sentence {
  const last = lastSpoken(reading, piece)
  const isQuestion = reading.kinds[last] === kinds.mark && reading.words[last] === question
  return { reading, piece, stems, negations, denied, conditions, isOutright: conditions === 0 && !isQuestion }
}

const maxScope = 7

/** "not able to cancel" denies `cancel`; "not allowed." denies `allowed`. -1: nothing. */
function governed(negation: number): number {
  const { words, count } = spoken
  let first = -1
  for (let at = negation + 1; at < count && at <= negation + maxScope; at++) {
    const word = words[at]!
    if (word === clauseEnd) break
    if (word < 0 || (roleOf(word) & isFunction) !== 0) continue
    if ((roleOf(word) & isLight) === 0) return stemOf(word)
    if (first === -1) first = stemOf(word)
  }
  return first
}
