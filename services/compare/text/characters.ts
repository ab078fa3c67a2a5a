/** What a character is to a reader of texts. Those of which runs are one token come first, below `newline`. */
export const kinds = { letter: 1, digit: 2, numeral: 3, newline: 4, space: 5, mark: 6 } as const

/** What is known of a UTF-16 unit, as one integer: what it is in lower case, and from bit 16 on its kind, then these. */
export const bits = {
  lower: 0xffff,
  kindAt: 16,
  /** A letter that is not of ASCII. */
  otherLetter: 1 << 20,
  /** The second half of a character of two units. */
  second: 1 << 21,
  /** Its lower case hangs on what is around it, or is longer than one unit, or it is a character of two units that has one. */
  contextual: 1 << 22,
  /** White space to Python and not here or the other way round, or longer in lower case. */
  disputed: 1 << 23,
  /** Opens a quotation or code. */
  opener: 1 << 24,
} as const
/** The sign: half a character, if nothing fits beside it. */
const half = 1 << 31

/** By UTF-16 unit, what is known of it by itself; 0: not asked yet. */
export const table = new Int32Array(1 << 16)
/** Characters of two units, of which texts hold few different ones. */
const pairs = new Map<number, number>()

const characterOf = (unit: number): number => table[unit] || (table[unit] = told(unit))

/** What is known of a unit, from what stands beside it where it is half a character. */
export function characterAt(units: Uint16Array, at: number, length: number): number {
  const unit = units[at]!
  const known = characterOf(unit)
  if (known >= 0) return known
  if (isHigh(unit) && at + 1 < length && isLow(units[at + 1]!)) return characterOfPair(unit, units[at + 1]!)
  if (!isLow(unit) || at === 0 || !isHigh(units[at - 1]!)) return known
  const first = characterOfPair(units[at - 1]!, unit)
  return (first & ~bits.lower) | unit | bits.second
}

function characterOfPair(high: number, low: number): number {
  const character = ((high - 0xd800) << 10) + (low - 0xdc00) + 0x10000
  const known = pairs.get(character)
  if (known !== undefined) return known
  const value = told(character)
  pairs.set(character, value)
  return value
}

export const kindIn = (character: number): number => (character >>> bits.kindAt) & 7

/**
 * `letter`: `\p{L}`. `digit`: 0 to 9. `numeral`: any other `\p{N}`. `newline`: what ends a line. `space`: any other `\s`, and the
 * private use characters that stand for facts in marked texts. `mark`: all the rest, half characters among it.
 */
export const kindOfUnit = (unit: number): number => kindIn(characterOf(unit))

/** The units of these characters, each of one. */
export const unitsOf = (characters: string): ReadonlySet<number> =>
  new Set(Array.from(characters, (character) => character.charCodeAt(0)))

const isHigh = (unit: number): boolean => (unit & 0xfc00) === 0xd800
export const isLow = (unit: number): boolean => (unit & 0xfc00) === 0xdc00

/** `İ` is the one letter that grows in lower case. A sigma at the end of a word has a form of its own. */
const contextual = new Set(['İ', 'Σ'])

function told(character: number): number {
  const text = String.fromCodePoint(character)
  const lower = text.toLowerCase()
  const isContextual = contextual.has(text) || (text.length > 1 && lower !== text)
  const unit = text.length > 1 || isContextual ? text.charCodeAt(0) : lower.charCodeAt(0)
  const kind = kindOf(text)
  return (
    unit |
    (kind << bits.kindAt) |
    (kind === kinds.letter && character > 0x7f ? bits.otherLetter : 0) |
    (isContextual ? bits.contextual : 0) |
    (isDisputed(character) ? bits.disputed : 0) |
    (openers.has(character) ? bits.opener : 0) |
    (character >= 0xd800 && character < 0xe000 ? half : 0)
  )
}

const openers = unitsOf('"“„«「`')

const isDisputed = (character: number): boolean =>
  (character >= 0x1c && character <= 0x1f) ||
  character === 0x85 ||
  character === 0x130 ||
  character === 0xfeff ||
  (character >= 0xe000 && character < 0xe200)

function kindOf(text: string): number {
  if (/\p{L}/u.test(text)) return kinds.letter
  if (/\d/.test(text)) return kinds.digit
  if (/\p{N}/u.test(text)) return kinds.numeral
  if (/[\n\r\u2028\u2029]/.test(text)) return kinds.newline
  return /[\s\ue000-\ue1ff]/.test(text) ? kinds.space : kinds.mark
}
