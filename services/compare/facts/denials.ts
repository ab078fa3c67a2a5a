import { kinds, unitsOf } from '../text/characters.ts'
import { type Piece } from '../text/pieces.ts'
import { endOfRun, isWordKind, joinedWord, type Reading } from '../text/reading.ts'
import { textOf, wordOf, wordTable } from '../text/vocabulary.ts'

const negators = new Set(
  `not never no without neither nobody none nothing cannot unable forbidden prohibited refrain avoid
  nicht kein keine keinen keiner keinem keines niemals ohne pas jamais sans nunca jamás sin non senza não sem niet geen
  nooit`.split(/\s+/),
)
for (const auxiliary of 'ca do does did wo is are was were should could would has have had'.split(' ')) {
  negators.add(`${auxiliary}nt`)
}
const hidden = new Map(
  Object.entries({
    unavailable: 'available',
    unsupported: 'supported',
    unnecessary: 'necessary',
    impossible: 'possible',
    incompatible: 'compatible',
    ineligible: 'eligible',
    nonrefundable: 'refundable',
  }),
)

/** Stand among the words where a clause ends, and for every negation. */
export const clauseEnd = -1
export const not = -2

/** The words of one sentence, in order. One list for the process: it holds until the next call of `spokenWords`. */
export const spoken = { count: 0, words: new Int32Array(1 << 10) }
/** Of each word: is one space before it and nothing else, and where it ends. */
let spaced = new Uint8Array(1 << 10)
let ends = new Int32Array(1 << 10)

function put(word: number, isSpaced: boolean, end: number): void {
  const { count } = spoken
  if (count === spaced.length) grow(2 * count)
  spoken.words[count] = word
  spaced[count] = isSpaced ? 1 : 0
  ends[count] = end
  spoken.count++
}

function grow(size: number): void {
  const [more, moreSpaced, moreEnds] = [new Int32Array(size), new Uint8Array(size), new Int32Array(size)]
  more.set(spoken.words)
  moreSpaced.set(spaced)
  moreEnds.set(ends)
  spoken.words = more
  ;[spaced, ends] = [moreSpaced, moreEnds]
}

/** What each set phrase begins with, and how it goes on: its "not" denies nothing that the other side would have to deny too. */
const idioms: [start: string, rest: RegExp][] = [
  ['not', /^(?:only|just|to mention|sure)/],
  ['no', /^(?:problem|worries|doubt|matter|later than|more than|less than|fewer than)/],
  ['why', /^not/],
  ['if', /^not/],
  ['or', /^not/],
  ['whether', /^or not/],
  ['do', /^not (?:hesitate|worry)/],
]
const idiomStarts = new Map(idioms)
/** What the second word of any of them begins with. */
const idiomSeconds = /^(?:only|just|to|sure|problem|worries|doubt|matter|later|more|less|fewer|not|or)/
/** Of an idiom, behind its first word. */
const maxIdiomWords = 2

// What a word is, one bit each.
const isNegator = 1
const isHidden = 2
/** Ends in `n`: with `'t` behind it, a negation. */
const isShortened = 4
const isCannot = 8
/** May be part of an idiom. */
const isIdiomatic = 16
const isIdiomSecond = 32

const roleOf = wordTable((word) => {
  let role = 0
  if (negators.has(word)) role |= isNegator
  if (hidden.has(word)) role |= isHidden
  if (word.endsWith('n')) role |= isShortened
  if (word === 'cannot') role |= isCannot
  if (word === 'no' || word === 'not' || idiomStarts.has(word)) role |= isIdiomatic
  if (idiomSeconds.test(word)) role |= isIdiomSecond
  return role
})

/** Without such a word, and without an apostrophe, a sentence denies nothing and holds no idiom: `idioms` go on with "not". */
export const mayDeny = (word: string): boolean =>
  negators.has(word) || hidden.has(word) || word === 'cannot' || word.startsWith('not')

const hiddenIn = wordTable((word) => wordOf(hidden.get(word)!))
/** The word without its shortened "not"; -1 where nothing is left. */
const lengthened = wordTable((word) => {
  if (word === 'n') return -1
  return wordOf(word === 'can' ? 'can' : word === 'won' ? 'will' : word.slice(0, -1))
})

const space = 0x20
const lowLine = 0x5f
const apostrophe = 0x27
const curledApostrophe = 0x2019
export const isApostrophe = (unit: number): boolean => unit === apostrophe || unit === curledApostrophe
const clauseMarks = unitsOf(',:()—')

/** Reads a sentence into `spoken`, every negation as `not`: in one word, shortened, or hidden in "unavailable". */
export function readSpoken(reading: Reading, piece: Piece): void {
  const { lower, kinds: kind, starts, ends: tokenEnds, words } = reading
  spoken.count = 0
  let hasIdiom = false
  let before = -1
  for (let token = piece.first; token < piece.last;) {
    if (!isWordKind(kind[token]!)) {
      if (kind[token] === kinds.mark && clauseMarks.has(words[token]!)) put(clauseEnd, false, 0)
      token++
      continue
    }
    const next = endOfRun(reading, token)
    const word = joinedWord(reading, token, next)
    const [start, end] = [starts[token]!, tokenEnds[next - 1]!]
    const isSpaced = start - before === 1 && lower.charCodeAt(before) === space
    const role = roleOf(word)
    ;[before, token] = [end, next]
    if ((role & isIdiomatic) !== 0) hasIdiom = true
    if ((role & isShortened) !== 0 && isBeforeT(reading, next)) {
      if (lengthened(word) !== -1) put(lengthened(word), isSpaced, end)
      put(wordOf('not'), true, end + 2)
      ;[before, token, hasIdiom] = [end + 2, next + 2, true]
    } else if ((role & isCannot) !== 0 && lower.charCodeAt(end) !== lowLine) {
      put(wordOf('can'), isSpaced, end)
      put(wordOf('not'), true, end)
      hasIdiom = true
    } else if ((role & isHidden) !== 0) {
      put(not, false, end)
      put(hiddenIn(word), false, end)
    } else put(word, isSpaced, end)
  }
  if (hasIdiom) dropIdioms(lower.slice(piece.start, piece.end), piece.start)
  for (let at = 0; at < spoken.count; at++) {
    const word = spoken.words[at]!
    if (word >= 0 && (roleOf(word) & isNegator) !== 0) spoken.words[at] = not
  }
}

/** An apostrophe and a `t` on its own. */
function isBeforeT({ lower, count, kinds: kind, starts, ends: tokenEnds, words }: Reading, token: number): boolean {
  if (token + 1 >= count || kind[token] !== kinds.mark) return false
  if (!isApostrophe(words[token]!)) return false
  const at = starts[token + 1]!
  const isGlued = starts[token] === tokenEnds[token - 1] && at === starts[token]! + 1
  return isGlued && tokenEnds[token + 1] === at + 1 && lower[at] === 't' && !/\w/.test(lower[at + 1] ?? '')
}

/** Drops set phrases. The last word may go on beyond the phrase: then that much of it stays. */
function dropIdioms(lower: string, from: number): void {
  const { words, count } = spoken
  let kept = 0
  for (let at = 0; at < count; at++) {
    const isStart = words[at]! >= 0 && (roleOf(words[at]!) & isIdiomatic) !== 0
    const phrase = isStart && isBeforeSecond(at) ? phraseFrom(at + 1) : ''
    const match = phrase === '' ? null : idiomStarts.get(textOf(words[at]!))!.exec(phrase)
    if (match !== null) {
      const length = match[0].split(' ').length
      const left = phrase.slice(match[0].length).split(' ')[0]!
      at += length
      if (left === '') continue
      words[at] = wordOf(left)
    } else if (isStart && isNumbering(at, lower, from)) continue
    spaced[kept] = spaced[at]!
    ends[kept] = ends[at]!
    words[kept++] = words[at]!
  }
  spoken.count = kept
}

function isBeforeSecond(at: number): boolean {
  const next = at + 1 < spoken.count ? spoken.words[at + 1]! : -1
  return next >= 0 && (roleOf(next) & isIdiomSecond) !== 0
}

/** The next words as far as one space parts them. */
function phraseFrom(start: number): string {
  let phrase = ''
  for (let at = start; at < spoken.count && at < start + maxIdiomWords + 1; at++) {
    if (spoken.words[at]! < 0 || spaced[at] === 0) break
    phrase += `${at === start ? '' : ' '}${textOf(spoken.words[at]!)}`
  }
  return phrase
}

/** "no. 5". */
function isNumbering(at: number, lower: string, from: number): boolean {
  return textOf(spoken.words[at]!) === 'no' && /^\. ?\d/.test(lower.slice(ends[at]! - from, ends[at]! - from + 3))
}
