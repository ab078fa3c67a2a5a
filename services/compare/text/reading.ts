import { isLow, kinds } from './characters.ts'
import { scan, type Scanned } from './scan.ts'
import { endWord, joinedPair, makeRoom, putUnit } from './vocabulary.ts'

/**
 * A text as tokens, read once for all that is asked of it: runs of letters, runs of digits, runs of other numerals, ends of lines,
 * and every other character that is no white space. What lies between two tokens is white space.
 */
export type Reading = Scanned & {
  text: string
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
  const reading: Reading = { text, ...scan(text), known: [] }
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
