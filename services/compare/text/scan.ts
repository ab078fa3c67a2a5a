import { bits, characterAt, kindIn, kindOfUnit, kinds, table } from './characters.ts'
import { letterBits, slack, wordIn, wordOfLetters } from './vocabulary.ts'

/** A text in tokens. */
export type Scanned = {
  /** In lower case, each character at its place in the text. */
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
  /** Is there what opens a quotation or code? */
  hasOpener: boolean
}

/** The text that is being read, in UTF-16 units: as it is, then in lower case. */
let bytes = Buffer.alloc(0)
let units = new Uint16Array()
let view = new DataView(units.buffer)

function makeBuffers(length: number): void {
  if (length + slack <= units.length) return
  const size = 2 * Math.max(length + slack, 1 << 12)
  bytes = Buffer.alloc(2 * size)
  units = new Uint16Array(bytes.buffer, bytes.byteOffset, size)
  view = new DataView(bytes.buffer, bytes.byteOffset)
}

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

/** Of the text that is being read. */
let seen = 0
let letterUnits = 0
let otherUnits = 0
let otherLetters = 0

export function scan(text: string): Scanned {
  const { length } = text
  makeBuffers(length)
  // A text has no more tokens than characters.
  if (used + length > shelf.size) {
    shelf = shelfOf(Math.max(shelfSize, length))
    used = 0
  }
  const first = used
  load(text)
  let end = scanPlain(length)
  if (end === notAsked) {
    for (let at = 0; at < length; at++) kindOfUnit(text.charCodeAt(at))
    load(text)
    end = scanPlain(length)
  }
  if (end < 0) {
    putLower(text)
    end = scanAny(length)
  }
  used = end
  const count = end - first
  const { kinds, starts, ends, words } = shelf
  return {
    lower: bytes.toString('utf16le', 0, 2 * length),
    letters: { ascii: letterUnits - otherUnits, others: otherLetters },
    count,
    kinds: new Uint8Array(kinds.buffer, first, count),
    starts: new Int32Array(starts.buffer, 4 * first, count),
    ends: new Int32Array(ends.buffer, 4 * first, count),
    words: new Int32Array(words.buffer, 4 * first, count),
    isDisputed: (seen & bits.disputed) !== 0,
    hasOpener: (seen & bits.opener) !== 0,
  }
}

/** A mark, so that no run goes on behind the end; one that `table` knows. */
const behindText = 0
kindOfUnit(behindText)

function load(text: string): void {
  bytes.write(text, 0, 'utf16le')
  units[text.length] = behindText
  seen = 0
  letterUnits = 0
  otherUnits = 0
  otherLetters = 0
}

/** `table` does not know a unit yet. */
const notAsked = -1
/** Some unit is half a letter, or its lower case hangs on others. */
const notAlone = -2

const kindBits = 7 << bits.kindAt
const letterKind = kinds.letter << bits.kindAt
const newlineKind = kinds.newline << bits.kindAt
const spaceKind = kinds.space << bits.kindAt
const markKind = kinds.mark << bits.kindAt
const { contextual, lower } = bits
const unusual = bits.otherLetter | bits.contextual | bits.disputed

/**
 * Puts tokens on the shelf and the first `length` units in lower case; returns the place behind the last token, or one of the two
 * above. A run of few ASCII letters is gathered into two integers as it is read, which are the word: it is not read again.
 */
function scanPlain(length: number): number {
  const text = units
  const known = table
  const { kinds: kind, starts, ends, words } = shelf
  let next = used
  let all = 0
  let inLetters = 0
  for (let at = 0; at < length;) {
    let character = known[text[at]!]!
    const kindHere = character & kindBits
    if (kindHere === spaceKind) {
      all |= character
      at++
      continue
    }
    if (kindHere === letterKind) {
      const start = at
      let low = 0
      let high = 0
      let run = 0
      do {
        run |= character
        text[at++] = character
        // The unit of a letter in lower case ends in its place in the alphabet.
        high = (high << letterBits) | (low >>> (30 - letterBits))
        low = ((low << letterBits) & 0x3fffffff) | (character & 0x1f)
        character = known[text[at]!]!
      } while ((character & kindBits) === letterKind)
      // What is not known yet may be a letter.
      if (character === 0) return notAsked
      const size = at - start
      inLetters += size
      kind[next] = kinds.letter
      starts[next] = start
      ends[next] = at
      if ((run & unusual) === 0 && size <= 12) words[next++] = wordOfLetters(low, high, view, start, at)
      else {
        if ((run & contextual) !== 0) return notAlone
        all |= run
        for (let each = start; each < at; each++) if (text[each]! > 0x7f) otherUnits++
        words[next++] = wordIn(view, start, at)
      }
      continue
    }
    if (character === 0) return notAsked
    const start = at
    if (kindHere < newlineKind) {
      do {
        all |= character
        text[at++] = character
        character = known[text[at]!]!
      } while ((character & kindBits) === kindHere)
      if (character === 0) return notAsked
      words[next] = wordIn(view, start, at)
    } else {
      text[at++] = character
      words[next] = character & lower
      if (character < 0) {
        character = characterAt(text, start, length)
        if (character > 0 && (character & kindBits) !== markKind) return notAlone
        if (character > 0) at++
      }
      all |= character
    }
    if ((all & contextual) !== 0) return notAlone
    kind[next] = kindHere >>> bits.kindAt
    starts[next] = start
    ends[next++] = at
  }
  seen = all
  letterUnits = inLetters
  otherLetters = otherUnits
  return next
}

/** The same for any text, whose lower case is put already. */
function scanAny(length: number): number {
  const { kinds: kind, starts, ends, words } = shelf
  let next = used
  seen = 0
  letterUnits = 0
  otherUnits = 0
  otherLetters = 0
  let before: number = kinds.space
  for (let at = 0; at < length; at++) {
    const character = characterAt(units, at, length)
    const thisKind = kindIn(character)
    seen |= character
    if (thisKind === kinds.letter) {
      letterUnits++
      if ((character & bits.otherLetter) !== 0) {
        otherUnits++
        if ((character & bits.second) === 0) otherLetters++
      }
    }
    const goesOn = (character & bits.second) !== 0 || (thisKind === before && thisKind < kinds.newline)
    if (!goesOn && thisKind !== kinds.space) {
      kind[next] = thisKind
      starts[next++] = at
    }
    if (thisKind !== kinds.space) ends[next - 1] = at + 1
    before = thisKind
  }
  for (let token = used; token < next; token++) {
    const start = starts[token]!
    words[token] = kind[token]! < kinds.newline ? wordIn(view, start, ends[token]!) : units[start]!
  }
  return next
}

const dottedI = 0x130

function putLower(text: string): void {
  // `İ` stays itself, and another letter holds its place, so that all others are where they were.
  bytes.write(text.replaceAll('İ', 'I').toLowerCase(), 0, 'utf16le')
  for (let at = text.indexOf('İ'); at !== -1; at = text.indexOf('İ', at + 1)) units[at] = dottedI
}
