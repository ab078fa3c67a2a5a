import { kindOfUnit, kinds, unitsOf } from '../text/characters.ts'
import { monthForms } from './months.ts'
import { isCurrencySign, multipliers } from './money.ts'
import { modifiers, unitOf, unitOpenings } from './units.ts'

/** A text, and its units with marks in the place of what was taken; behind them a unit 0. */
export type Marked = { text: string; units: Uint16Array }

/**
 * The shapes that most facts of a text have, read without their rule's pattern: where its match at this place ends. Whatever is not
 * plain ASCII, or could go on in another way, is left to the pattern. By itself, what was matched is matched in the same way, where
 * its rule reads anything of it.
 */
export type Shape = (marked: Marked, start: number) => number
/** The pattern matches nothing here. */
export const noMatch = 0
/** Only the pattern can tell. */
export const unsure = -1

const newline = 0x0a
const space = 0x20
const percent = 0x25
const apostrophe = 0x27
const openBracket = 0x28
const closeBracket = 0x29
const star = 0x2a
const comma = 0x2c
const minus = 0x2d
const dot = 0x2e
const slash = 0x2f
const zero = 0x30
const nine = 0x39
const colon = 0x3a
const lowLine = 0x5f
const lastAscii = 0x7f
const longS = 0x17f
const kelvin = 0x212a

const isDigit = (unit: number): boolean => unit >= zero && unit <= nine
const isLetter = (unit: number): boolean => (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a
/** As in `\w`. */
const isWordUnit = (unit: number): boolean => isLetter(unit) || isDigit(unit) || unit === lowLine
const isWhite = (unit: number): boolean => unit === space || (unit >= 9 && unit <= 13)
const isAscii = (unit: number): boolean => unit <= lastAscii

const maxDigits = 15

function endOfDigits(units: Uint16Array, from: number): number {
  let at = from
  while (isDigit(units[at]!)) at++
  return at
}

function endOfLetters(units: Uint16Array, from: number): number {
  let at = from
  while (isLetter(units[at]!)) at++
  return at
}

/** Where digits end that have at most one mark among them and nothing behind that might belong to them. */
function endOfNumber(units: Uint16Array, from: number): number {
  let end = endOfDigits(units, from)
  if (end === from || end - from > maxDigits) return unsure
  let after = units[end]!
  if (after === comma || after === dot) {
    const fraction = endOfDigits(units, end + 1)
    if (fraction === end + 1) return end
    if (fraction - end > maxDigits) return unsure
    end = fraction
    after = units[end]!
  }
  if (!isAscii(after)) return unsure
  const mayGroup = after === comma || after === dot || after === space || after === apostrophe
  return mayGroup && isDigit(units[end + 1]!) ? unsure : end
}

/** Before it there is no letter, no digit and no part of a number. */
function isApart(units: Uint16Array, start: number): boolean {
  if (start === 0) return true
  const before = units[start - 1]!
  if (!isAscii(before) || isLetter(before) || isDigit(before)) return false
  return (before !== comma && before !== dot) || !isDigit(units[start - 2]!)
}

/** May a word for thousands or millions stand here, behind a space or not? */
function mayMultiply({ text, units }: Marked, at: number): boolean {
  const start = units[at] === space ? at + 1 : at
  const unit = units[start]!
  const end = endOfLetters(units, start)
  if (end > start) return !isAscii(units[end]!) || multipliers.has(text.slice(start, end).toLowerCase())
  return !isAscii(unit) || (unit < space && unit > 0)
}

/** `€12.50`: the sign and the digits. */
export function signedAmount(marked: Marked, start: number): number {
  const { units } = marked
  const sign = units[start]!
  if (!isCurrencySign(sign)) return unsure
  if (start > 0) {
    const before = units[start - 1]!
    if (!isAscii(before) || isLetter(before)) return unsure
  }
  const digits = units[start + 1] === space ? start + 2 : start + 1
  const end = endOfNumber(units, digits)
  if (end === unsure || mayMultiply(marked, end)) return unsure
  return end
}

/** `5 days`, `24-hour`, `5 business days`: no sign, the digits and the unit. */
export function plainMeasure({ text, units }: Marked, start: number): number {
  if (!isApart(units, start)) return unsure
  const end = endOfNumber(units, start)
  if (end === unsure) return unsure
  const joint = units[end]!
  let word = joint === space || joint === minus ? end + 1 : end
  let last = endOfWord(units, word)
  if (last === unsure) return unsure
  let name = text.slice(word, last).toLowerCase()
  if (modifiers.has(name)) {
    if (units[last]! !== space) return unsure
    word = last + 1
    last = endOfWord(units, word)
    if (last === unsure) return unsure
    name = text.slice(word, last).toLowerCase()
  }
  if (unitOpenings.has(name) || unitOf(name) === undefined) return unsure
  return last
}

/** Behind letters that no other character makes into another unit, as in `km/h` or `m2`. */
function endOfWord(units: Uint16Array, from: number): number {
  const end = endOfLetters(units, from)
  const after = units[end]!
  return end === from || !isAscii(after) || isDigit(after) || after === slash ? unsure : end
}

/** `7`, `12.5`: no sign and the digits. */
export function plainNumber({ units }: Marked, start: number): number {
  if (start > 0) {
    const before = units[start - 1]!
    if (!isAscii(before) || isLetter(before) || isDigit(before)) return unsure
  }
  return endOfNumber(units, start)
}

/** `7 February`, `7 February 2026`. */
export function dayOfMonth({ text, units }: Marked, start: number): number {
  if (start > 0) {
    const before = units[start - 1]!
    if (isDigit(before) || before === comma || before === dot) return noMatch
  }
  const day = endOfDigits(units, start)
  if (day === start || day - start > 2 || units[day]! !== space) return unsure
  if (isWhite(units[day + 1]!) || !isAscii(units[day + 1]!)) return unsure
  const word = endOfLetters(units, day + 1)
  const month = text.slice(day + 1, word)
  const name = month.toLowerCase()
  // Two letters beyond ASCII are those of months as case is ignored.
  if (!monthForms.has(name)) return name === 'of' || units[word] === longS || units[word] === kelvin ? unsure : noMatch
  const end = units[word] === dot ? word + 1 : word
  const after = units[end]!
  if (!isAscii(after) || isLetter(after)) return unsure
  const gap = after === comma ? end + 1 : end
  let year = gap
  while (isWhite(units[year]!)) year++
  if (!isAscii(units[year]!)) return unsure
  const last = endOfDigits(units, year)
  return year === gap || last !== year + 4 ? end : last
}

const articles = new Set(['a', 'an', 'one', 'per'])
const counted = new Set(['second', 'minute', 'hour', 'day', 'week', 'month', 'year'])

/** `a week`, `per hour`. */
export function oneOfCounted({ text, units }: Marked, start: number): number {
  const article = endOfLetters(units, start)
  const end = endOfLetters(units, article + 1)
  if (units[article] !== space || (start > 0 && isWordUnit(units[start - 1]!)) || isWordUnit(units[end]!))
    return noMatch
  const unit = text.slice(article + 1, end)
  const isOne = articles.has(text.slice(start, article).toLowerCase()) && counted.has(unit.toLowerCase())
  return isOne ? end : noMatch
}

/** Told only where it is none: "a month" without an "and a half". */
export function noHalf({ units }: Marked, start: number): number {
  const article = endOfLetters(units, start)
  if (units[article] !== space) return noMatch
  const end = endOfLetters(units, article + 1)
  return units[end] === space && (units[end + 1]! | 0x20) === 0x61 ? unsure : noMatch
}

/**
 * Told only where it is none: a number of digits alone with none of these characters behind it, at once or behind a white space. A
 * pattern that needs one of them is not tried.
 */
export function onlyBefore(characters: string): Shape {
  const wanted = unitsOf(characters)
  return ({ units }, start) => {
    const end = endOfDigits(units, start)
    const unit = units[end]!
    if (end === start || wanted.has(unit) || isDigit(units[end + 1]!)) return unsure
    const kind = kindOfUnit(unit)
    const isSpaced = (kind === kinds.space || kind === kinds.newline) && wanted.has(units[end + 1]!)
    return isSpaced ? unsure : noMatch
  }
}

/** Told only where it is none: it begins with none of these letters of ASCII, in lower case. */
export function onlyWith(letters: string): Shape {
  const wanted = unitsOf(letters)
  return ({ units }, start) => (wanted.has(units[start]! | 0x20) ? unsure : noMatch)
}

/** `12.50 €`. */
export function amountBeforeSign({ units }: Marked, start: number): number {
  if (!isApart(units, start)) return unsure
  const end = endOfNumber(units, start)
  return end !== unsure && units[end] === space && isCurrencySign(units[end + 1]!) ? end + 2 : unsure
}

/** `1.` at the beginning of a line. */
export function itemNumber({ units }: Marked, start: number): number {
  if (start > 0 && units[start - 1] !== newline) return unsure
  const end = endOfDigits(units, start)
  const isItem = end > start && end <= start + 3 && (units[end] === dot || units[end] === closeBracket)
  return isItem && (isWhite(units[end + 1]!) || units[end + 1] === star) ? end + 1 : unsure
}

/** `63 %`. */
export function plainPercentage({ units }: Marked, start: number): number {
  if (!isApart(units, start)) return unsure
  const end = endOfNumber(units, start)
  if (end === unsure) return unsure
  const sign = units[end] === space ? end + 1 : end
  return units[sign] === percent ? sign + 1 : unsure
}

/** `9:30`. */
export function hourAndMinutes({ units }: Marked, start: number): number {
  const before = start === 0 ? 0 : units[start - 1]!
  if (isDigit(before) || before === colon || before === dot || before === comma) return noMatch
  const hour = endOfDigits(units, start)
  const end = endOfDigits(units, hour + 1)
  const isTime = hour > start && hour <= start + 2 && units[hour] === colon && end === hour + 3
  return isTime && units[end] !== colon ? end : noMatch
}

/** Told only where it is none: up to four digits, and then a space, a full stop or a hyphen and two digits more. */
export function noPhone({ units }: Marked, start: number): number {
  const digits = endOfDigits(units, start)
  if (digits === start) return unsure
  if (digits > start + 4) return noMatch
  const joint = units[digits] === closeBracket ? digits + 1 : digits
  if (units[joint] !== space && units[joint] !== dot && units[joint] !== minus) return noMatch
  const next = units[joint + 1] === openBracket ? joint + 2 : joint + 1
  return isDigit(units[next]!) && isDigit(units[next + 1]!) ? unsure : noMatch
}
