import { kinds } from '../text/characters.ts'
import { markAt, type Reading } from '../text/reading.ts'
import { isCurrencySign } from './money.ts'
import {
  isAnswer,
  isArticle,
  isBetween,
  isCounted,
  isCurrency,
  isEnding,
  isHalf,
  isHalfDay,
  isLink,
  isMillions,
  isMixed,
  isMonth,
  isMultiplier,
  isNumber,
  isOpening,
  isOrdinal,
  isPart,
  isPercent,
  isShare,
  isShareArticle,
  isStep,
  isUnit,
  isWeekday,
  partsOf,
  roleOf,
} from './word-roles.ts'

const { digit: digitKind, letter: letterKind, newline: newlineKind, mark: markKind } = kinds

/**
 * What can begin at a place of a text, one bit each: a rule is tried only where its bit is set. A bit may be set where nothing begins
 * (the rule's pattern decides), and must be set wherever something does. `anyNumber` is set at every run of digits and
 * at a minus before it, for rules that need nothing more.
 */
export const begins = {
  link: 1 << 0,
  address: 1 << 1,
  email: 1 << 2,
  layout: 1 << 3,
  /** Three numbers, the first of four digits, joined by `-`. */
  dashed: 1 << 4,
  /** A month, and then a number. */
  month: 1 << 5,
  clock: 1 << 6,
  weekday: 1 << 7,
  identifier: 1 << 8,
  /** A currency, and then a number. */
  currency: 1 << 9,
  /** A number, and then a currency; a percent sign or word; a unit. */
  amount: 1 << 10,
  percentage: 1 << 11,
  measure: 1 << 12,
  phone: 1 << 13,
  /** "a week", "one hour": an article, and then what it counts. */
  article: 1 << 14,
  numberWord: 1 << 15,
  ordinal: 1 << 16,
  anyNumber: 1 << 17,
  answer: 1 << 18,
  /** "1.2 million". */
  millions: 1 << 19,
  /** A number beside Chinese, Japanese or Korean; a half of a day before it. */
  eastern: 1 << 20,
  /** A number, and then a month. */
  dayOfMonth: 1 << 21,
  /** Three numbers of which two or more are joined by `.` or `/`. */
  dotted: 1 << 22,
  /** A number joined to two digits by `:`. */
  minutes: 1 << 23,
  /** "half", "a quarter". */
  part: 1 << 24,
  /** "un tiers". */
  share: 1 << 25,
} as const

/** At the end of what was taken for a fact, in the middle of a word, anything may begin. */
export const anything = -1
/** The same before a letter: what needs a digit or a sign, or the beginning of the text, does not. */
export const anythingInLetters = ~(
  begins.dashed |
  begins.dayOfMonth |
  begins.dotted |
  begins.clock |
  begins.minutes |
  begins.amount |
  begins.percentage |
  begins.measure |
  begins.millions |
  begins.phone |
  begins.ordinal |
  begins.anyNumber |
  begins.answer
)

/** The same before a Chinese, Japanese or Korean character, which begins no word of another script. */
export const anythingInEastern = begins.eastern | begins.identifier

/** Places of a text in ascending order, each with what may begin there. */
export type Places = {
  count: number
  at: Int32Array
  begins: Int32Array
  /** What may begin anywhere. */
  all: number
  add: (at: number, what: number) => void
}

/** One list for the process, emptied for each text. */
const places: Places = { count: 0, all: 0, at: new Int32Array(1 << 10), begins: new Int32Array(1 << 10), add: put }

/** Usually at the end; a place that was found by looking back goes before those behind it. */
function put(at: number, what: number): void {
  const { count } = places
  if (count === places.at.length) grow()
  places.all |= what
  let slot = count
  while (slot > 0 && places.at[slot - 1]! > at) slot--
  if (slot > 0 && places.at[slot - 1] === at) {
    places.begins[slot - 1]! |= what
    return
  }
  if (slot < count) {
    places.at.copyWithin(slot + 1, slot, count)
    places.begins.copyWithin(slot + 1, slot, count)
  }
  places.at[slot] = at
  places.begins[slot] = what
  places.count++
}

function grow(): void {
  const { at, begins: what, count } = places
  places.at = new Int32Array(2 * count)
  places.at.set(at)
  places.begins = new Int32Array(2 * count)
  places.begins.set(what)
}

/** What follows a number, worked out from the end of the text to its beginning, because numbers may stand in a row. */
let tails = new Int32Array(1 << 10)

const dollar = 0x24
const percent = 0x25
const widePercent = 0xff05
const openBracket = 0x28
const closeBracket = 0x29
const star = 0x2a
const plus = 0x2b
const comma = 0x2c
const minus = 0x2d
const dot = 0x2e
const slash = 0x2f
const colon = 0x3a
const hash = 0x23
const at = 0x40
const openSquare = 0x5b
const lowLine = 0x5f
const degree = 0xb0
const bullet = 0x2022
const longMinus = 0x2212

/** Kana, Chinese characters and syllables of Korean. */
export const isEastern = (unit: number): boolean =>
  unit >= 0x3040 && (unit <= 0x30ff || (unit >= 0x3400 && unit <= 0x9fff) || (unit >= 0xac00 && unit <= 0xd7af))
const isSeparator = (unit: number): boolean => unit === comma || unit === dot || unit === 0x27 || unit === 0x2019

/** Where a fact may begin. Valid until the next call. */
export function placesIn(reading: Reading): Places {
  places.count = 0
  places.all = 0
  if (tails.length < reading.count) tails = new Int32Array(2 * reading.count)
  readTails(reading)
  const { count, kinds: kind, starts, words } = reading
  let isLineStart = true
  let seesAnswer = true
  for (let token = 0; token < count; token++) {
    if (isLineStart && startsItem(reading, token)) put(lineStart(reading, token), begins.layout)
    isLineStart = kind[token] === newlineKind
    if (kind[token] === digitKind) putNumber(reading, token)
    else if (kind[token] === letterKind) putWord(reading, token)
    else if (kind[token] === markKind) putMark(reading, token)
    if (seesAnswer && kind[token] === letterKind && starts[token]! <= 16) {
      if ((roleOf(words[token]!) & isAnswer) !== 0) put(0, begins.answer)
    } else if (starts[token]! > 16) seesAnswer = false
  }
  return places
}

/** The next token that is no end of a line: a rule may read over one. */
function spoken({ kinds: kind, count }: Reading, token: number): number {
  while (token < count && kind[token] === newlineKind) token++
  return token
}

function readTails(reading: Reading): void {
  const { count, kinds: kind, starts, ends } = reading
  for (let token = count - 1; token >= 0; token--) {
    if (kind[token] !== digitKind) continue
    const next = token + 1
    let tail = tailOf(reading, spoken(reading, next))
    const isApart = next < count && starts[next] !== ends[token]
    if (isApart && kind[next] === digitKind) tail |= tails[next]!
    const behind = token + 2
    if (!isApart && behind < count && kind[behind] === digitKind && isSeparator(markAt(reading, next)))
      tail |= tails[behind]!
    tails[token] = tail
  }
}

function tailOf(reading: Reading, next: number): number {
  const { count, kinds: kind, words } = reading
  if (next >= count) return 0
  let found = tailAt(reading, next)
  const isMultiplied = kind[next] === letterKind && (roleOf(words[next]!) & isMultiplier) !== 0
  if (isMultiplied) found |= tailAt(reading, spoken(reading, next + 1)) & begins.amount
  if (kind[next] === markKind && words[next] === minus) found |= tailAt(reading, next + 1) & begins.measure
  return found
}

function tailAt({ count, kinds: kind, starts, words, lower }: Reading, next: number): number {
  if (next >= count) return 0
  if (kind[next] === letterKind) {
    const role = roleOf(words[next]!)
    // `US$`.
    const isDollar = next + 1 < count && words[next + 1] === dollar && kind[next + 1] === markKind
    return (
      ((role & isCurrency) !== 0 || isDollar ? begins.amount : 0) |
      ((role & isPercent) !== 0 ? begins.percentage : 0) |
      ((role & isUnit) !== 0 ? begins.measure : 0) |
      ((role & isMillions) !== 0 ? begins.millions : 0) |
      (isEastern(lower.charCodeAt(starts[next]!)) ? begins.eastern : 0)
    )
  }
  if (kind[next] !== markKind) return 0
  const unit = words[next]!
  if (unit === percent || unit === widePercent) return begins.percentage
  if (unit === degree) return begins.measure
  if (isEastern(unit)) return begins.eastern
  return isCurrencySign(unit) ? begins.amount : 0
}

/** A number of up to three digits and `.` or `)`, with at most bullets, brackets and emphasis before it on its line. */
function startsItem({ count, kinds: kind, starts, ends, words, lower }: Reading, first: number): boolean {
  let token = first
  for (let marks = 0; marks <= 4 && token < count; token++) {
    if (kind[token] === digitKind) {
      const after = lower.charCodeAt(ends[token]!)
      return ends[token]! - starts[token]! <= 3 && (after === dot || after === closeBracket)
    }
    if (kind[token] === newlineKind) {
      if (marks === 0) return false
      continue
    }
    const unit = words[token]!
    const isBefore = unit === minus || unit === star || unit === bullet || unit === openBracket
    if (kind[token] !== markKind || !isBefore) return false
    marks++
  }
  return false
}

const lineStart = ({ ends }: Reading, token: number): number => (token === 0 ? 0 : ends[token - 1]!)

function putNumber(reading: Reading, token: number): void {
  const { count, kinds: kind, starts, ends, words, lower } = reading
  const [start, end] = [starts[token]!, ends[token]!]
  const next = token + 1 < count ? token + 1 : -1
  const isGlued = next !== -1 && starts[next] === end
  let found = begins.anyNumber | tails[token]!
  if (isGlued) {
    if (kind[next] === markKind) found |= joinedTo(reading, token)
    if (kind[next] === letterKind && (roleOf(words[next]!) & isOrdinal) !== 0) found |= begins.ordinal
    if (hasLetterAhead(reading, token)) found |= begins.identifier
  }
  if (end - start <= 2) found |= near(reading, token)
  const before = lower.charCodeAt(start - 1)
  if (isEastern(before) || isEastern(lower.charCodeAt(start - 2))) found |= besideEastern(reading, start)
  put(start, found)
  if (before === minus || before === longMinus) put(start - 1, begins.anyNumber | (found & begins.measure))
  if (isPhoneLike(lower, end)) {
    put(start, begins.phone)
    if (before === plus || before === openBracket) {
      put(start - 1, begins.phone)
      if (before === openBracket && lower.charCodeAt(start - 2) === plus) put(start - 2, begins.phone)
    }
  }
}

/** Numbers and the marks between them; a number may go on behind the place where a pattern stops. */
function joinedTo({ count, kinds: kind, words, starts, ends }: Reading, token: number): number {
  if (token + 2 >= count || kind[token + 2] !== digitKind) return 0
  const mark = words[token + 1]!
  const digits = ends[token]! - starts[token]!
  const behind = ends[token + 2]! - starts[token + 2]!
  if (mark === colon) return digits <= 2 && behind === 2 ? begins.minutes : 0
  if (mark !== dot && mark !== slash && mark !== minus) return 0
  if (token + 4 >= count || kind[token + 3] !== markKind || kind[token + 4] !== digitKind) return 0
  if (words[token + 3] !== mark) return 0
  if (mark !== minus) return begins.dotted
  return digits === 4 ? begins.dashed : 0
}

const halfDays: ReadonlySet<string> = new Set(['上午', '下午', '午前', '午後', '오전', '오후'])

/** With a half of a day before it: `午後 2時`. */
function besideEastern({ lower }: Reading, start: number): number {
  const isBeside = isEastern(lower.charCodeAt(start - 1))
  const end = isBeside ? start : start - 1
  if (isEastern(lower.charCodeAt(end - 2)) && halfDays.has(lower.slice(end - 2, end))) put(end - 2, begins.eastern)
  return isBeside ? begins.eastern : 0
}

/** A month or half of a day among the next few tokens, with nothing in between that a date or a time cannot hold. */
function near(reading: Reading, token: number): number {
  const { count, kinds: kind, words } = reading
  let bits = 0
  let ahead = spoken(reading, token + 1)
  for (let steps = 0; ahead < count && steps < 5; steps++) {
    if (kind[ahead] === letterKind) {
      const role = roleOf(words[ahead]!)
      const mayBeTime = (role & isHalfDay) !== 0 && (steps === 0 || steps === 2)
      if (mayBeTime && isHalfDayAt(reading, ahead, role)) bits |= begins.clock
      if ((role & isMonth) !== 0) return bits | begins.dayOfMonth
      if ((role & (isBetween | isMixed)) === 0) return bits
    } else if (kind[ahead] === markKind && words[ahead] !== dot && words[ahead] !== colon) return bits
    ahead = spoken(reading, ahead + 1)
  }
  return bits
}

/** An `a` or `p` alone needs a full stop behind it, an `h` a number: "€18.90 a month" is no time. */
function isHalfDayAt(reading: Reading, token: number, role: number): boolean {
  const { kinds: kind, starts, ends } = reading
  if ((role & isMixed) !== 0 || ends[token]! - starts[token]! > 1) return true
  return markAt(reading, token + 1) === dot || kind[spoken(reading, token + 1)] === digitKind
}

function hasLetterAhead(reading: Reading, token: number): boolean {
  const { count, kinds: kind, starts, ends } = reading
  for (let ahead = token + 1; ahead < count && ahead <= token + 42 && starts[ahead] === ends[ahead - 1]; ahead++) {
    if (kind[ahead] === letterKind) return true
    if (kind[ahead] !== digitKind && !isJoiner(markAt(reading, ahead))) return false
  }
  return false
}

/** Digits, brackets and one of ` .-` between them. */
function isPhoneLike(lower: string, end: number): boolean {
  const behind = lower.charCodeAt(end) === closeBracket ? end + 1 : end
  const joint = lower.charCodeAt(behind)
  if (joint !== 0x20 && joint !== dot && joint !== minus) return false
  const digit = lower.charCodeAt(behind + 1)
  return digit === openBracket || (digit >= 0x30 && digit <= 0x39)
}

const isJoiner = (unit: number): boolean => unit === minus || unit === dot || unit === lowLine

function putWord(reading: Reading, token: number): void {
  const { starts, ends, words, lower } = reading
  const role = roleOf(words[token]!)
  let found = reachesDigit(reading, token) ? begins.identifier : 0
  if ((role & isOpening) !== 0) found |= openedBy(reading, token, role)
  if (found === 0) return
  put(starts[token]!, found)
  if ((role & isMixed) === 0) return
  for (const part of partsOf(lower.slice(starts[token], ends[token]))) put(starts[token]! + part, found)
}

function openedBy(reading: Reading, token: number, role: number): number {
  const { count, kinds: kind, words } = reading
  let bits = 0
  const next = token + 1
  const ahead = markAt(reading, next) === dot ? next + 1 : next
  const isBeforeNumber = kind[spoken(reading, ahead)] === digitKind
  if ((role & isMonth) !== 0 && isBeforeNumber) bits |= begins.month
  if ((role & isCurrency) !== 0 && isBeforeNumber) bits |= begins.currency
  if ((role & isStep) !== 0 && isBeforeNumber) bits |= begins.layout
  if ((role & isNumber) !== 0) bits |= begins.numberWord
  if ((role & isWeekday) !== 0) bits |= begins.weekday
  if ((role & isLink) !== 0) bits |= begins.link
  if ((role & isHalf) !== 0) bits |= begins.part
  const counted = next < count && kind[next] === letterKind ? roleOf(words[next]!) : 0
  if ((role & isArticle) !== 0 && (counted & isCounted) !== 0) bits |= begins.article
  if ((role & isArticle) !== 0 && (counted & isPart) !== 0) bits |= begins.part
  if ((role & isShareArticle) !== 0 && (counted & isShare) !== 0) bits |= begins.share
  return bits
}

/** Without white space in between: letters, and signs that codes are written with. */
function reachesDigit(reading: Reading, token: number): boolean {
  const { count, kinds: kind, starts, ends } = reading
  for (let ahead = token + 1; ahead < count && ahead <= token + 400 && starts[ahead] === ends[ahead - 1]; ahead++) {
    if (kind[ahead] === digitKind) return true
    const mark = markAt(reading, ahead)
    if (kind[ahead] !== letterKind && !isJoiner(mark) && mark !== hash) return false
  }
  return false
}

function putMark(reading: Reading, token: number): void {
  const { text, starts, words } = reading
  const start = starts[token]!
  switch (words[token]) {
    case at:
      put(backOver(text, start, 64, isAddressUnit), begins.email)
      return
    case slash:
      if (isBehindEnding(reading, token)) put(backOver(text, start, 300, isHostUnit), begins.address)
      return
    case openSquare:
      if (isBeforeNumber(reading, token)) put(start, begins.layout)
      return
    case hash:
      put(start, begins.identifier)
      return
    default:
      if (!isCurrencySign(words[token]!) || !isBeforeNumber(reading, token)) return
      put(start, begins.currency)
      if (words[token] === dollar) putDollar(text, start)
  }
}

const isBeforeNumber = (reading: Reading, token: number): boolean =>
  reading.kinds[spoken(reading, token + 1)] === digitKind

/** `US$`, `R$`: with letters before it. */
function putDollar(text: string, start: number): void {
  for (let before = start - 1; before >= 0 && before >= start - 2 && isLetter(text.charCodeAt(before)); before--)
    put(before, begins.currency)
}

function isBehindEnding({ starts, ends, kinds: kind, words }: Reading, token: number): boolean {
  if (token < 2 || ends[token - 1] !== starts[token] || kind[token - 1] !== letterKind) return false
  return (roleOf(words[token - 1]!) & (isEnding | isMixed)) !== 0
}

function backOver(text: string, from: number, most: number, isInside: (unit: number) => boolean): number {
  let start = from
  while (start > 0 && from - start < most && isInside(text.charCodeAt(start - 1))) start--
  return start
}

const isAlphanumeric = (unit: number): boolean => (unit >= 0x30 && unit <= 0x39) || isLetter(unit)
const isLetter = (unit: number): boolean => (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a
const isHostUnit = (unit: number): boolean => isAlphanumeric(unit) || unit === dot || unit === minus
const isAddressUnit = (unit: number): boolean => isHostUnit(unit) || unit === lowLine || unit === plus
