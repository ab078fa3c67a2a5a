import { endWord, internedCount, putUnit, startInterning } from './interned.ts'
import { remembered } from './remembered.ts'

/** Longer texts are scored by their beginning, so that one giant answer cannot hold up the others. */
export const maxScoredChars = 200_000
export const maxTokens = 10_000

/** Two texts as numbers of words: the same number, the same word. Numbers are below `count`. */
export type TokenPair = { left: Int32Array; right: Int32Array; count: number }

const buffer = new Int32Array(maxTokens)

/**
 * Tokens as `rouge_score` has them, without stemming: lower case, everything but ASCII letters and digits separates.
 * At most `maxTokens` of the first `maxScoredChars` characters.
 */
export function wordTokens(left: string, right: string): TokenPair {
  return tokenPair(left, right, readWords)
}

/** Tokens of SQuAD's normal form: lower case, no ASCII punctuation, no English articles, split at white space. */
export function squadTokens(left: string, right: string): TokenPair {
  return tokenPair(left, right, readSquadWords)
}

function tokenPair(left: string, right: string, read: (text: string) => Int32Array): TokenPair {
  startInterning()
  // Lower case may be another letter, and then ASCII: it comes first.
  const [first, second] = [read(lowered(left)), read(lowered(right))]
  return { left: first, right: second, count: internedCount() }
}

const lowered = (text: string): string =>
  (text.length > maxScoredChars ? text.slice(0, maxScoredChars) : text).toLowerCase()

function readWords(text: string): Int32Array {
  let [count, isInside] = [0, false]
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if ((unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57)) {
      putUnit(unit)
      isInside = true
    } else if (isInside) {
      isInside = false
      buffer[count++] = endWord()
      if (count === maxTokens) return buffer.slice(0, count)
    }
  }
  if (isInside) buffer[count++] = endWord()
  return buffer.slice(0, count)
}

function readSquadWords(text: string): Int32Array {
  let [count, start] = [0, 0]
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && !isSpace(text.charCodeAt(at))) continue
    if (at > start) count = readSquadWord(text, start, at, count)
    start = at + 1
    if (count >= maxTokens) break
  }
  return buffer.slice(0, Math.min(count, maxTokens))
}

/** What stands between two spaces. An article is one only where no letter, digit or `_` is beside it. */
function readSquadWord(text: string, start: number, end: number, count: number): number {
  let isPlain = true
  for (let at = start; at < end; at++) if (text.charCodeAt(at) > 127) isPlain = false
  if (!isPlain) {
    for (const word of normalForm(text.slice(start, end))) if (count < maxTokens) buffer[count++] = putWord(word)
    return count
  }
  const kept = plainLength(text, start, end)
  if (kept === 0 || isArticle(text, start, end, kept)) return count
  for (let at = start; at < end; at++) if (!isPunctuation(text.charCodeAt(at))) putUnit(text.charCodeAt(at))
  buffer[count] = endWord()
  return count + 1
}

function plainLength(text: string, start: number, end: number): number {
  let length = 0
  for (let at = start; at < end; at++) if (!isPunctuation(text.charCodeAt(at))) length++
  return length
}

function isArticle(text: string, start: number, end: number, length: number): boolean {
  if (length > 3) return false
  let word = ''
  for (let at = start; at < end; at++) if (!isPunctuation(text.charCodeAt(at))) word += text[at]!
  return word === 'a' || word === 'an' || word === 'the'
}

function putWord(word: string): number {
  for (let at = 0; at < word.length; at++) putUnit(word.charCodeAt(at))
  return endWord()
}

const isSpace = (unit: number): boolean =>
  unit === 32 ||
  (unit >= 9 && unit <= 13) ||
  (unit >= 28 && unit <= 31) ||
  unit === 0x85 ||
  (unit > 127 && /\s/.test(String.fromCharCode(unit)) && unit !== 0xfeff)

/** The 32 of ASCII. */
const isPunctuation = (unit: number): boolean =>
  (unit >= 33 && unit <= 47) || (unit >= 58 && unit <= 64) || (unit >= 91 && unit <= 96) || (unit >= 123 && unit <= 126)

const punctuation = /[!-/:-@[-`{-~]/g
// JavaScript's \b knows ASCII letters only.
const articles = /(?<![\p{L}\p{N}_])(?:an|a|the)(?![\p{L}\p{N}_])/gu

const normalForm = (text: string): string[] =>
  text
    .replaceAll(punctuation, '')
    .replaceAll(articles, ' ')
    .split(/\s+/)
    .filter((word) => word !== '')

/**
 * SQuAD's normal form: lower case, no ASCII punctuation, no English articles, single spaces. What lies beyond
 * `maxScoredChars` stays as it is, so that texts equal in normal form are still equal to their ends.
 */
export const normalizeAnswer: (text: string) => string = remembered((text) => {
  const [head, tail] = [text.slice(0, maxScoredChars), text.slice(maxScoredChars)]
  return normalForm(head.toLowerCase()).join(' ') + tail
})

const counts = new Int32Array(2 * maxTokens)

/** How many items two lists share, each counted as often as it occurs in both. Items must be numbers of tokens. */
export function sharedTokens(left: Int32Array, right: Int32Array): number {
  let shared = 0
  for (let at = 0; at < left.length; at++) counts[left[at]!]!++
  for (let at = 0; at < right.length; at++) if (counts[right[at]!]!-- > 0) shared++
  // Left as it was found: all zero.
  for (let at = 0; at < left.length; at++) counts[left[at]!] = 0
  for (let at = 0; at < right.length; at++) counts[right[at]!] = 0
  return shared
}

const bins = 1 << 16
const keys = new Int32Array(bins)
const tallies = new Int32Array(bins)
const used = new Int32Array(bins)
let use = 0

/** The same for pairs of neighbours. */
export function sharedBigrams(left: Int32Array, right: Int32Array, count: number): number {
  use++
  let shared = 0
  for (let at = 0; at + 1 < left.length; at++) {
    const bin = binOf(left[at]! * count + left[at + 1]!)
    tallies[bin]!++
  }
  for (let at = 0; at + 1 < right.length; at++) {
    const bin = binOf(right[at]! * count + right[at + 1]!)
    if (tallies[bin]!-- > 0) shared++
  }
  return shared
}

/** At most 2 × `maxTokens` numbers, so that a pair of them is below 2^31 and the table never full. */
function binOf(key: number): number {
  let bin = (Math.imul(key, 0x9e3779b1) >>> 16) & (bins - 1)
  while (used[bin] === use && keys[bin] !== key) bin = (bin + 1) & (bins - 1)
  if (used[bin] !== use) {
    used[bin] = use
    keys[bin] = key
    tallies[bin] = 0
  }
  return bin
}

/** How many items two lists share, each counted as often as it occurs in both. */
export function overlap<Item>(left: Iterable<Item>, right: Iterable<Item>): number {
  const counts = new Map<Item, number>()
  for (const item of left) counts.set(item, (counts.get(item) ?? 0) + 1)
  let shared = 0
  for (const item of right) {
    const count = counts.get(item) ?? 0
    if (count === 0) continue
    counts.set(item, count - 1)
    shared++
  }
  return shared
}

/** F of precision and recall with the same weight; 0 where nothing is shared. */
export function fMeasure(shared: number, leftSize: number, rightSize: number): number {
  return shared === 0 ? 0 : (2 * shared) / (leftSize + rightSize)
}
