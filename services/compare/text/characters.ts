/** What a character is to a reader of texts. Numbers, so that a table of them is one byte a character. */
export const kinds = { letter: 1, digit: 2, numeral: 3, newline: 4, space: 5, mark: 6 } as const

/** By UTF-16 unit; 0: not asked yet. */
const table = new Uint8Array(1 << 16)
/** Characters of two units, of which texts hold few different ones. */
const others = new Map<number, number>()

/**
 * `letter`: `\p{L}`. `digit`: 0 to 9. `numeral`: any other `\p{N}`. `newline`: what ends a line. `space`: any other `\s`, and the
 * private use characters that stand for facts in marked texts. `mark`: all the rest, half characters among it.
 */
export const kindOfUnit = (unit: number): number => table[unit] || (table[unit] = told(unit))

/** The same for a character of two units. */
export function kindOfPair(high: number, low: number): number {
  const character = ((high - 0xd800) << 10) + (low - 0xdc00) + 0x10000
  const known = others.get(character)
  if (known !== undefined) return known
  const kind = told(character)
  others.set(character, kind)
  return kind
}

/** The units of these characters, each of one. */
export const unitsOf = (characters: string): ReadonlySet<number> =>
  new Set(Array.from(characters, (character) => character.charCodeAt(0)))

export const isHigh = (unit: number): boolean => (unit & 0xfc00) === 0xd800
export const isLow = (unit: number): boolean => (unit & 0xfc00) === 0xdc00

function told(character: number): number {
  const text = String.fromCodePoint(character)
  if (/\p{L}/u.test(text)) return kinds.letter
  if (/\d/.test(text)) return kinds.digit
  if (/\p{N}/u.test(text)) return kinds.numeral
  if (/[\n\r\u2028\u2029]/.test(text)) return kinds.newline
  return /[\s\ue000-\ue1ff]/.test(text) ? kinds.space : kinds.mark
}
