import { monthForms } from './months.ts'
import { isCurrencySign } from './money.ts'
import { modifiers, unitOf, unitOpenings } from './units.ts'

/**
 * The shapes that most facts of a text have, read without their rule's pattern: the same match, or null, where only the pattern
 * can tell. Whatever is not plain ASCII, or could go on in another way, is left to the pattern.
 */

const space = 0x20
const apostrophe = 0x27
const comma = 0x2c
const minus = 0x2d
const dot = 0x2e
const slash = 0x2f
const zero = 0x30
const nine = 0x39
const lastAscii = 0x7f

const isDigit = (unit: number): boolean => unit >= zero && unit <= nine
const isLetter = (unit: number): boolean => (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a
/** Beyond the end of a text, `NaN` is neither. */
const isAscii = (unit: number): boolean => !(unit > lastAscii)

const maxDigits = 15
const unsure = -1

function endOfDigits(text: string, from: number): number {
  let at = from
  while (isDigit(text.charCodeAt(at))) at++
  return at
}

function endOfLetters(text: string, from: number): number {
  let at = from
  while (isLetter(text.charCodeAt(at))) at++
  return at
}

/** Where digits end that have at most one mark among them and nothing behind that might belong to them. */
function endOfNumber(text: string, from: number): number {
  let end = endOfDigits(text, from)
  if (end === from || end - from > maxDigits) return unsure
  let after = text.charCodeAt(end)
  if (after === comma || after === dot) {
    const fraction = endOfDigits(text, end + 1)
    if (fraction === end + 1) return end
    if (fraction - end > maxDigits) return unsure
    end = fraction
    after = text.charCodeAt(end)
  }
  if (!isAscii(after)) return unsure
  const mayGroup = after === comma || after === dot || after === space || after === apostrophe
  return mayGroup && isDigit(text.charCodeAt(end + 1)) ? unsure : end
}

/** Before it there is no letter, no digit and no part of a number. */
function isApart(text: string, start: number): boolean {
  if (start === 0) return true
  const before = text.charCodeAt(start - 1)
  if (!isAscii(before) || isLetter(before) || isDigit(before)) return false
  return (before !== comma && before !== dot) || !isDigit(text.charCodeAt(start - 2))
}

/** May a word for thousands or millions begin here, behind a space or not? */
function mayMultiply(text: string, at: number): boolean {
  const unit = text.charCodeAt(at) === space ? text.charCodeAt(at + 1) : text.charCodeAt(at)
  const letter = unit | 0x20
  return (
    !isAscii(unit) ||
    (unit < space && unit > 0) ||
    letter === 0x6b ||
    letter === 0x74 ||
    letter === 0x6d ||
    letter === 0x62
  )
}

/** `€12.50`: the sign and the digits. */
export function signedAmount(text: string, start: number): (string | undefined)[] | null {
  const sign = text.charCodeAt(start)
  if (!isCurrencySign(sign)) return null
  if (start > 0) {
    const before = text.charCodeAt(start - 1)
    if (!isAscii(before) || isLetter(before)) return null
  }
  const digits = text.charCodeAt(start + 1) === space ? start + 2 : start + 1
  const end = endOfNumber(text, digits)
  if (end === unsure || mayMultiply(text, end)) return null
  return [text.slice(start, end), text[start]!, text.slice(digits, end), undefined]
}

/** `5 days`, `24-hour`, `5 business days`: no sign, the digits and the unit. */
export function plainMeasure(text: string, start: number): (string | undefined)[] | null {
  if (!isApart(text, start)) return null
  const end = endOfNumber(text, start)
  if (end === unsure) return null
  const joint = text.charCodeAt(end)
  let word = joint === space || joint === minus ? end + 1 : end
  let last = endOfWord(text, word)
  if (last === unsure) return null
  let name = text.slice(word, last).toLowerCase()
  if (modifiers.has(name)) {
    if (text.charCodeAt(last) !== space) return null
    word = last + 1
    last = endOfWord(text, word)
    if (last === unsure) return null
    name = text.slice(word, last).toLowerCase()
  }
  if (unitOpenings.has(name) || unitOf(name) === undefined) return null
  return [text.slice(start, last), undefined, text.slice(start, end), text.slice(word, last)]
}

/** Behind letters that no other character makes into another unit, as in `km/h` or `m2`. */
function endOfWord(text: string, from: number): number {
  const end = endOfLetters(text, from)
  const after = text.charCodeAt(end)
  return end === from || !isAscii(after) || isDigit(after) || after === slash ? unsure : end
}

/** `7`, `12.5`: no sign and the digits. */
export function plainNumber(text: string, start: number): (string | undefined)[] | null {
  if (start > 0) {
    const before = text.charCodeAt(start - 1)
    if (!isAscii(before) || isLetter(before) || isDigit(before)) return null
  }
  const end = endOfNumber(text, start)
  if (end === unsure) return null
  const digits = text.slice(start, end)
  return [digits, undefined, digits]
}

/** `7 February`: day and month, and no year. */
export function dayOfMonth(text: string, start: number): (string | undefined)[] | null {
  const before = text.charCodeAt(start - 1)
  if (start > 0 && (isDigit(before) || before === comma || before === dot)) return null
  const day = endOfDigits(text, start)
  if (day === start || day - start > 2 || text.charCodeAt(day) !== space) return null
  const word = endOfLetters(text, day + 1)
  const month = text.slice(day + 1, word)
  if (!monthForms.has(month.toLowerCase())) return null
  const end = text.charCodeAt(word) === dot ? word + 1 : word
  const after = text.charCodeAt(end)
  if (!isAscii(after) || isLetter(after)) return null
  let next = after === comma ? end + 1 : end
  while (text.charCodeAt(next) <= space) next++
  const year = text.charCodeAt(next)
  return !isAscii(year) || isDigit(year) ? null : [text.slice(start, end), text.slice(start, day), month, undefined]
}
