import { kindOfUnit, kinds, unitsOf } from '../text/characters.ts'
import { type Piece } from '../text/pieces.ts'
import { type Reading } from '../text/reading.ts'

const newline = 0x0a
const semicolon = 0x3b
const ends = unitsOf('.!?…:')
/** May stand between the end of a sentence and the white space behind it. */
const closers = unitsOf('*_"”)')
/** End a sentence whatever comes. */
const wideEnds = unitsOf('。！？')
const abbreviation = /(?:^|[\s("])(?:Dr|Mr|Mrs|Ms|Prof|St|No|Nr|vs|ca|approx|e\.g|i\.e|z\.B)\.$/u
const maxAbbreviationChars = 9

/**
 * Sentences and list items of a text in which facts are marked: what a fact holds ends no sentence, and neither does an
 * abbreviation; a list mark was read as no fact, so its full stop is not there either.
 */
export function partsOf({ count, kinds: kind, starts, words }: Reading, marked: string): Piece[] {
  const parts: Piece[] = []
  let [start, first] = [0, 0]
  for (let token = 0; token < count;) {
    const gap = kind[token]! < kinds.newline ? null : gapAt(marked, starts[token]!, words[token]!)
    if (gap === null) {
      token++
      continue
    }
    const last = starts[token]! < gap.start ? token + 1 : token
    parts.push({ start, end: gap.start, first, last })
    while (token < count && starts[token]! < gap.end) token++
    token = Math.max(token, last)
    ;[start, first] = [gap.end, token]
  }
  parts.push({ start, end: marked.length, first, last: count })
  return parts
}

/** What parts two sentences at this mark or end of a line. */
function gapAt(marked: string, at: number, unit: number): { start: number; end: number } | null {
  if (marked.charCodeAt(at) !== unit) return null
  if (unit === newline) return { start: at, end: behindBreaks(marked, at) }
  if (wideEnds.has(unit)) return { start: at + 1, end: behindBreaks(marked, at + 1) }
  if (!isSpace(marked.charCodeAt(at + 1))) return null
  if (unit === semicolon) return { start: at, end: behindBreaks(marked, at) }
  if (!isEnd(marked, at)) return null
  return { start: at + 1, end: behindBreaks(marked, behindSpace(marked, at + 1)) }
}

function isEnd(marked: string, last: number): boolean {
  let at = last
  while (at >= 0 && closers.has(marked.charCodeAt(at))) at--
  if (!ends.has(marked.charCodeAt(at))) return false
  return (
    marked[last] !== '.' || !abbreviation.test(marked.slice(Math.max(0, last + 1 - maxAbbreviationChars), last + 1))
  )
}

/** Behind ends of lines and semicolons with white space behind them. */
function behindBreaks(marked: string, from: number): number {
  let at = from
  for (;;) {
    const unit = marked.charCodeAt(at)
    if (unit === newline) at++
    else if (unit === semicolon && isSpace(marked.charCodeAt(at + 1))) at = behindSpace(marked, at + 1)
    else return at
  }
}

function behindSpace(marked: string, from: number): number {
  let at = from
  while (isSpace(marked.charCodeAt(at))) at++
  return at
}

/** Marks of facts are none. */
export function isSpace(unit: number): boolean {
  if (!(unit >= 0x80)) return unit === 0x20 || (unit >= 9 && unit <= 13)
  const kind = unit >= 0xe000 && unit < 0xe200 ? kinds.mark : kindOfUnit(unit)
  return kind === kinds.space || kind === kinds.newline
}
