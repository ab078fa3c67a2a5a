import { bits, characterAt, isLow, kindIn, kindOfUnit, kinds, table } from './characters.ts'
import { endWord, joinedPair, makeRoom, putUnit, putWords, slack } from './vocabulary.ts'

/**
 * A text as tokens, read once for all that is asked of it: runs of letters, runs of digits, runs of other numerals, ends of lines,
 * and every other character that is no white space. What lies between two tokens is white space.
 */
export type Reading = {
  text: string
  /** In lower case, each character at its place in `text`. */
  lower: string
  /** Letters, those of ASCII and all others. */
  letters: { ascii: number; others: number }
  count: number
  /** Of `kinds`, none of them `space`. */
  kinds: Uint8Array
  starts: Int32Array
  ends: Int32Array
  /** The number of a word in `vocabulary`, for letters, digits and numerals; of a mark its first unit. */
  words: Int32Array
  /** Has it white space that Python tells otherwise, or a letter that grows in lower case? */
  isDisputed: boolean
  /** What was worked out for it, by the place of the work (`onceARead`). A WeakMap for each would cost its collector dear. */
  known: unknown[]
}

/** Both texts of a pair, and the served one from arm to arm. */
const maxKept = 8
/** The last ones, put over the oldest. In a Map that forgets as it goes, the collector would find them alive long after. */
const kept: Reading[] = []
let nextKept = 0

/** Longer texts are read for what they say up to here. */
export const maxReadChars = 100_000

/** Two texts to be held against each other: only numbers of words that were read together can be compared. */
export function readBoth(served: string, arm: string, maxChars = maxReadChars): [Reading, Reading] {
  forgetVoid()
  return [readingOf(served.slice(0, maxChars)), readingOf(arm.slice(0, maxChars))]
}

/** A text by itself. */
export function readOne(text: string): Reading {
  forgetVoid()
  return readingOf(text.slice(0, maxReadChars))
}

function forgetVoid(): void {
  if (!makeRoom()) return
  kept.length = 0
  nextKept = 0
}

function readingOf(text: string): Reading {
  for (const reading of kept) if (reading.text === text) return reading
  const reading = read(text)
  kept[nextKept] = reading
  nextKept = (nextKept + 1) % maxKept
  return reading
}

let works = 0

/** What was worked out for a text is not worked out again while its reading is kept. The value is shared: nobody may change it. */
export function onceARead<Value extends object | string | null>(
  work: (reading: Reading) => Value,
): (reading: Reading) => Value {
  const place = works++
  return (reading) => {
    const known = reading.known[place]
    if (known !== undefined) return known as Value
    const value = work(reading)
    reading.known[place] = value
    return value
  }
}

const lastAscii = 0x7f
const dottedI = 0x130

/** The text that is being read, in UTF-16 units: as it is, then in lower case. */
let bytes = Buffer.alloc(0)
let units = new Uint16Array()
let view = new DataView(units.buffer)
/** Where a run of one kind begins in it, white space among them, and of which kind. */
let cuts = new Int32Array()
let cutKinds = new Uint8Array()
/** Which of the tokens are words. */
let wordPlaces = new Int32Array()

/** Tokens of readings, one after another: an array for each would cost more than the reading. */
const shelfSize = 1 << 14
let shelf = shelfOf(shelfSize)
let used = 0

function shelfOf(size: number) {
  return {
    size,
    kinds: new Uint8Array(size),
    starts: new Int32Array(size),
    ends: new Int32Array(size),
    words: new Int32Array(size),
  }
}

function makeBuffers(length: number): void {
  if (length < cuts.length) return
  const size = 2 * Math.max(length, 1 << 12)
  bytes = Buffer.alloc(2 * (size + slack))
  units = new Uint16Array(bytes.buffer, bytes.byteOffset, size + slack)
  view = new DataView(bytes.buffer, bytes.byteOffset)
  cuts = new Int32Array(size)
  cutKinds = new Uint8Array(size)
  wordPlaces = new Int32Array(size)
}

function read(text: string): Reading {
  const { length } = text
  makeBuffers(length)
  // A text has no more tokens than characters.
  if (used + length > shelf.size) {
    shelf = shelfOf(Math.max(shelfSize, length))
    used = 0
  }
  bytes.write(text, 0, 'utf16le')
  let cutCount = cutPlain(length)
  if (cutCount < 0) {
    if (cutCount === notAsked) for (let at = 0; at < length; at++) kindOfUnit(text.charCodeAt(at))
    putLower(text)
    cutCount = cutAny(length)
  }
  const first = used
  const letterUnits = putTokens(cutCount)
  const count = used - first
  const others = (seen & bits.otherLetter) === 0 ? noOthers : otherLetters(length)
  const { kinds, starts, ends, words } = shelf
  return {
    text,
    lower: bytes.toString('utf16le', 0, 2 * length),
    letters: { ascii: letterUnits - others.units, others: others.characters },
    count,
    kinds: new Uint8Array(kinds.buffer, first, count),
    starts: new Int32Array(starts.buffer, 4 * first, count),
    ends: new Int32Array(ends.buffer, 4 * first, count),
    words: new Int32Array(words.buffer, 4 * first, count),
    isDisputed: (seen & bits.disputed) !== 0,
    known: [],
  }
}

/** `table` does not know a unit yet. */
const notAsked = -1
/** Some unit is not a character by itself, or its lower case hangs on others. */
const notAlone = -2

/** All that is known of the characters of the text that is being read, together. */
let seen = 0

/**
 * Puts the first `length` units in lower case and tells where their runs begin; returns how many, or one of the two below, and
 * then `cutAny` tells it. Ends of words cannot be foreseen, and a wrong guess costs a processor as much as ten characters, so
 * that there is no branch for them; nor is any call, which costs as much.
 */
function cutPlain(length: number): number {
  const [text, known, starts, kindsOf] = [units, table, cuts, cutKinds]
  let [count, before, all, untold] = [0, 0, 0, 0]
  for (let at = 0; at < length; at++) {
    const character = known[text[at]!]!
    all |= character
    // The sign where it was not asked yet.
    untold |= (character - 1) & ~character
    text[at] = character & bits.lower
    const kind = (character >>> bits.kindAt) & 7
    starts[count] = at
    kindsOf[count] = kind
    // 1 at a change of kind, and at all that are not runs.
    count += (((kind ^ before) + 7) >>> 3) | (kind >>> 2)
    before = kind
  }
  starts[count] = length
  seen = all
  if (untold < 0) return notAsked
  return all < 0 || (all & bits.contextual) !== 0 ? notAlone : count
}
/** The same for any text, whose lower case is put already. */
function cutAny(length: number): number {
  let [count, before] = [0, 0]
  seen = 0
  for (let at = 0; at < length; at++) {
    const character = characterAt(units, at, length)
    seen |= character
    const kind = kindIn(character)
    if ((kind !== before || kind >= kinds.newline) && (character & bits.second) === 0) {
      cuts[count] = at
      cutKinds[count++] = kind
    }
    before = kind
  }
  cuts[count] = length
  return count
}

function putLower(text: string): void {
  // `İ` stays itself, and another letter holds its place, so that all others are where they were.
  bytes.write(text.replaceAll('İ', 'I').toLowerCase(), 0, 'utf16le')
  for (let at = text.indexOf('İ'); at !== -1; at = text.indexOf('İ', at + 1)) units[at] = dottedI
}

/** Puts what is between the cuts on the shelf, white space left out; returns how many units are letters. */
function putTokens(cutCount: number): number {
  const [text, from, kindsOf, places, { kinds: kind, starts, ends, words }] = [units, cuts, cutKinds, wordPlaces, shelf]
  let [next, letterUnits, wordTokens] = [used, 0, 0]
  for (let place = 0; place < cutCount; place++) {
    const thisKind = kindsOf[place]!
    const start = from[place]!
    const end = from[place + 1]!
    kind[next] = thisKind
    starts[next] = start
    ends[next] = end
    words[next] = text[start]!
    places[wordTokens] = next
    wordTokens += (thisKind >>> 2) ^ 1
    // All bits of it are ones for a letter.
    letterUnits += (end - start) & (((thisKind ^ kinds.letter) - 1) >> 31)
    // 0 for white space, else 1.
    next += ((thisKind ^ kinds.space) + 7) >>> 3
  }
  used = next
  putWords(view, shelf, places, wordTokens)
  return letterUnits
}

const noOthers = { units: 0, characters: 0 }

function otherLetters(length: number) {
  const others = { units: 0, characters: 0 }
  for (let at = 0; at < length; at++) {
    const character = characterAt(units, at, length)
    if ((character & bits.otherLetter) === 0) continue
    others.units++
    if ((character & bits.second) === 0) others.characters++
  }
  return others
}

/** The first unit of a mark; 0 for all else, whose numbers in `words` may be the same as a mark's unit. */
export const markAt = ({ count, kinds: kind, words }: Reading, token: number): number =>
  token < count && kind[token] === kinds.mark ? words[token]! : 0

/** Letters, digits and numerals. */
export const isWordKind = (kind: number): boolean => kind <= kinds.numeral

/** The word of tokens that stand without a gap, `first` to before `last`. */
export function joinedWord({ lower, starts, ends, words }: Reading, first: number, last: number): number {
  if (last === first + 1) return words[first]!
  if (last === first + 2) return joinedPair(words[first]!, words[first + 1]!)
  for (let at = starts[first]!; at < ends[last - 1]!; at++) putUnit(lower.charCodeAt(at))
  return endWord()
}

/** The token behind the run of letters, digits and numerals that a token begins; behind the token itself where it is none of them. */
export function endOfRun({ count, kinds: kind, starts, ends }: Reading, token: number): number {
  let next = token + 1
  if (!isWordKind(kind[token]!)) return next
  while (next < count && isWordKind(kind[next]!) && starts[next] === ends[next - 1]) next++
  return next
}

/** Letters of the beginning of a text, those of ASCII and all others. */
export function lettersIn({ text, letters, count, kinds: kind, starts, ends }: Reading, maxChars: number) {
  if (text.length <= maxChars) return letters
  let [ascii, others] = [0, 0]
  for (let token = 0; token < count && starts[token]! < maxChars; token++) {
    if (kind[token] !== kinds.letter) continue
    const end = Math.min(ends[token]!, maxChars)
    if (letters.others === 0) ascii += end - starts[token]!
    else {
      for (let at = starts[token]!; at < end; at++) {
        const unit = text.charCodeAt(at)
        if (unit <= lastAscii) ascii++
        else if (!isLow(unit)) others++
      }
    }
  }
  return { ascii, others }
}
