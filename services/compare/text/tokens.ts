import { kinds } from './characters.ts'
import { endOfRun, isWordKind, joinedWord, onceARead, readBoth, type Reading } from './reading.ts'
import { remembered } from './remembered.ts'
import { textOf, wordCount, wordOf, wordTable } from './vocabulary.ts'

/** Longer texts are scored by their beginning, so that one giant answer cannot hold up the others. */
export const maxScoredChars = 200_000
export const maxTokens = 10_000

/** Two texts as numbers of words: the same number, the same word. Numbers are below `count`. */
export type TokenPair = { left: Int32Array; right: Int32Array; count: number }

/**
 * Tokens as `rouge_score` has them, without stemming: lower case, everything but ASCII letters and digits separates.
 * At most `maxTokens` of the first `maxScoredChars` characters.
 */
export function wordTokens(left: string, right: string): TokenPair {
  const [ours, theirs] = readBoth(left, right, maxScoredChars)
  return numbered(asciiWords(ours), asciiWords(theirs))
}

/** Tokens of SQuAD's normal form: lower case, no ASCII punctuation, no English articles, split at white space. */
export function squadTokens(left: string, right: string): TokenPair {
  const [ours, theirs] = readBoth(left, right, maxScoredChars)
  return numbered(squadWords(ours), squadWords(theirs))
}

let places = new Int32Array(1 << 13)

/** Words of the vocabulary as numbers from 0 on, in the order of their first place. */
function numbered(left: Int32Array, right: Int32Array): TokenPair {
  if (places.length < wordCount()) places = new Int32Array(2 * wordCount())
  let count = 0
  const [ours, theirs] = [left, right].map((words) => {
    const numbers = new Int32Array(words.length)
    for (let at = 0; at < words.length; at++) numbers[at] = (places[words[at]!] ||= ++count) - 1
    return numbers
  })
  // Left as it was found: all zero.
  for (const words of [left, right]) for (let at = 0; at < words.length; at++) places[words[at]!] = 0
  return { left: ours!, right: theirs!, count }
}

const buffer = new Int32Array(maxTokens)
const isAscii = wordTable((word) => (/^[a-z0-9]*$/.test(word) ? 1 : 0))

const asciiWords = onceARead((reading: Reading): Int32Array => {
  let count = 0
  for (let token = 0; token < reading.count && count < maxTokens;) {
    const next = endOfRun(reading, token)
    if (isWordKind(reading.kinds[token]!)) {
      const word = joinedWord(reading, token, next)
      if (isAscii(word) === 1) buffer[count++] = word
      else for (const part of asciiParts(textOf(word))) if (count < maxTokens) buffer[count++] = wordOf(part)
    }
    token = next
  }
  return buffer.slice(0, count)
})

/** In lower case `İ` is an `i` and a mark. */
const asciiParts = (word: string): string[] => word.replaceAll('İ', 'i ').match(/[a-z0-9]+/g) ?? []

/** White space to SQuAD and not to us, or the other way round. */
// oxlint-disable-next-line no-control-regex -- Python's white space
const oddSpace = /[\u001c-\u001f\u0085]/g
const ownSpace = /[\ue000-\ue1ff]/
const isArticle = wordTable((word) => (word === 'a' || word === 'an' || word === 'the' ? 1 : 0))

const squadWords = onceARead((reading: Reading): Int32Array => {
  const plain = reading.text.replaceAll(oddSpace, ' ')
  if (plain !== reading.text || ownSpace.test(plain)) {
    return Int32Array.from(normalForm(plain.toLowerCase()).slice(0, maxTokens), wordOf)
  }
  const { count: tokens, kinds: kind, starts, ends } = reading
  let count = 0
  for (let token = 0; token < tokens && count < maxTokens;) {
    if (kind[token] === kinds.newline) {
      token++
      continue
    }
    let next = token + 1
    while (next < tokens && starts[next] === ends[next - 1] && kind[next] !== kinds.newline) next++
    const word = squadWord(reading, token, next)
    if (word === several) {
      const written = reading.text.slice(starts[token], ends[next - 1]).toLowerCase()
      for (const each of normalForm(written)) if (count < maxTokens) buffer[count++] = wordOf(each)
    } else if (word !== none && isArticle(word) === 0) buffer[count++] = word
    token = next
  }
  return buffer.slice(0, count)
})

const none = -1
/** It may hold an article beside a character that is neither a letter nor ASCII. */
const several = -2

/** What stands between two spaces, without its punctuation. */
function squadWord({ lower, kinds: kind, starts, ends, words }: Reading, first: number, last: number): number {
  let found = none
  let text = ''
  for (let token = first; token < last; token++) {
    if (!isWordKind(kind[token]!)) {
      if (!isPunctuation(words[token]!)) return several
    } else if (found === none) found = token
    else {
      if (text === '') text = lower.slice(starts[found], ends[found])
      text += lower.slice(starts[token], ends[token])
    }
  }
  if (found === none) return none
  return text === '' ? words[found]! : wordOf(text)
}

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
