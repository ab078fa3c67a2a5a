import { isHigh, isLow, kindOfPair, kindOfUnit, kinds } from './characters.ts'
import { firstHash, hashed, makeRoom, wordIn, wordOf } from './vocabulary.ts'

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
  /** What was worked out for it, by the place of the work (`onceARead`). A WeakMap for each would cost its collector dear. */
  known: unknown[]
}

/** Both texts of a pair, and the served one from arm to arm. */
const maxKept = 8
/** The last ones, put over the oldest. In a Map that forgets as it goes, the collector would find them alive long after. */
const kept: Reading[] = []
let next = 0

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
  next = 0
}

function readingOf(text: string): Reading {
  for (const reading of kept) if (reading.text === text) return reading
  const reading = read(text)
  kept[next] = reading
  next = (next + 1) % maxKept
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

let kindBuffer = new Uint8Array(1 << 12)
let startBuffer = new Int32Array(1 << 12)
let endBuffer = new Int32Array(1 << 12)
let wordBuffer = new Int32Array(1 << 12)
/** The text that is read, in lower case, and a unit 0, which is a mark, behind it: of a string, each unit would be asked for dear. */
let bytes = Buffer.alloc(1 << 13)
let units = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)

/** The text in lower case, which is then in `units` too. */
function load(text: string): string {
  const size = text.length + 1
  if (size > kindBuffer.length) {
    kindBuffer = new Uint8Array(size)
    startBuffer = new Int32Array(size)
    endBuffer = new Int32Array(size)
    wordBuffer = new Int32Array(size)
  }
  if (size > units.length) {
    bytes = Buffer.alloc(2 * size)
    units = new Uint16Array(bytes.buffer, bytes.byteOffset, size)
  }
  bytes.write(text, 0, 'utf16le')
  units[text.length] = 0
  for (let at = 0; at < text.length; at++) {
    const unit = units[at]!
    if (unit <= lastAscii) {
      if (unit >= 0x41 && unit <= 0x5a) units[at] = unit | 0x20
      continue
    }
    const lower = loweredUnit(unit)
    if (lower === 0) return loadLowered(loweredInPlace(text))
    units[at] = lower
  }
  return bytes.toString('utf16le', 0, 2 * text.length)
}

function loadLowered(lower: string): string {
  bytes.write(lower, 0, 'utf16le')
  return lower
}

/** Of each unit beyond ASCII the one that it becomes in lower case; 0: not asked yet. */
const lowered = new Uint16Array(1 << 16)
const capitalSigma = 0x3a3

/** 0 for what hangs on the characters beside it, or becomes two. */
function loweredUnit(unit: number): number {
  if (lowered[unit] !== 0) return lowered[unit]!
  if (unit === capitalSigma || (unit & 0xf800) === 0xd800) return 0
  const lower = String.fromCharCode(unit).toLowerCase()
  return lower.length === 1 ? (lowered[unit] = lower.charCodeAt(0)) : 0
}

/** `İ` is the one letter that grows in lower case: it stays. */
function loweredInPlace(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length
    ? lower
    : text
        .split('İ')
        .map((part) => part.toLowerCase())
        .join('İ')
}

const isPairAt = (at: number): boolean => isHigh(units[at]!) && isLow(units[at + 1]!)
const kindAt = (at: number): number => (isPairAt(at) ? kindOfPair(units[at]!, units[at + 1]!) : kindOfUnit(units[at]!))

function read(text: string): Reading {
  const lower = load(text)
  const { length } = lower
  const letters = { ascii: 0, others: 0 }
  let count = 0
  for (let at = 0; at < length;) {
    const start = at
    const first = units[at]!
    const kind = first <= lastAscii ? kindOfUnit(first) : kindAt(at)
    if (kind >= kinds.newline) {
      at += isPairAt(at) ? 2 : 1
      if (kind === kinds.space) continue
      wordBuffer[count] = first
    } else {
      let hash = firstHash
      let [others, otherUnits] = [0, 0]
      for (;;) {
        let unit = units[at]!
        while (unit <= lastAscii && kindOfUnit(unit) === kind) {
          hash = hashed(hash, unit)
          unit = units[++at]!
        }
        if (unit <= lastAscii || kindAt(at) !== kind) break
        const size = isPairAt(at) ? 2 : 1
        hash = hashed(hash, unit)
        if (size === 2) hash = hashed(hash, units[at + 1]!)
        others++
        otherUnits += size
        at += size
      }
      wordBuffer[count] = wordIn(units, start, at, hash)
      if (kind === kinds.letter) {
        letters.ascii += at - start - otherUnits
        letters.others += others
      }
    }
    kindBuffer[count] = kind
    startBuffer[count] = start
    endBuffer[count++] = at
  }
  return {
    text,
    lower,
    letters,
    count,
    kinds: kindBuffer.slice(0, count),
    starts: startBuffer.slice(0, count),
    ends: endBuffer.slice(0, count),
    words: wordBuffer.slice(0, count),
    known: [],
  }
}

/** The first unit of a mark; 0 for all else, whose numbers in `words` may be the same as a mark's unit. */
export const markAt = ({ count, kinds: kind, words }: Reading, token: number): number =>
  token < count && kind[token] === kinds.mark ? words[token]! : 0

/** Letters, digits and numerals. */
export const isWordKind = (kind: number): boolean => kind <= kinds.numeral

/** The word of tokens that stand without a gap, `first` to before `last`. */
export function joinedWord({ lower, starts, ends, words }: Reading, first: number, last: number): number {
  if (last === first + 1) return words[first]!
  return wordOf(lower.slice(starts[first], ends[last - 1]))
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
