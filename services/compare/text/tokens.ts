import { maxScoredChars } from './normal-form.ts'
import { readBoth } from './reading.ts'
import { maxTokens, type ScoredWords, scoredWords } from './scored-words.ts'
import { room } from './shelf.ts'
import { wordCount } from './vocabulary.ts'

/** Two texts as numbers of words: the same number, the same word. Numbers are below `count`, and every one of them occurs. */
export type TokenPair = { left: Int32Array; right: Int32Array; count: number }

/**
 * Tokens as `rouge_score` has them, without stemming: lower case, everything but ASCII letters and digits separates.
 * At most `maxTokens` of the first `maxScoredChars` characters.
 */
export const wordTokens = (left: string, right: string): TokenPair => tokenPair(left, right, 'rouge')

/** Tokens of SQuAD's normal form: lower case, no ASCII punctuation, no English articles, split at white space. */
export const squadTokens = (left: string, right: string): TokenPair => tokenPair(left, right, 'squad')

/** By word of the vocabulary, its number in the pair above `last`, which what is left of pairs before does not reach. */
let numbers = new Int32Array(1 << 13)
let last = 0

function tokenPair(left: string, right: string, kind: keyof ScoredWords): TokenPair {
  const [one, other] = readBoth(left, right, maxScoredChars)
  const [first, second] = [scoredWords(one)[kind], scoredWords(other)[kind]]
  if (numbers.length < wordCount()) numbers = new Int32Array(2 * wordCount())
  if (last > 2 ** 30) {
    numbers.fill(0)
    last = 0
  }
  const before = last
  const pair = { left: renumbered(first, before), right: renumbered(second, before), count: 0 }
  pair.count = last - before
  return pair
}

function renumbered(words: Int32Array, before: number): Int32Array {
  const [known, renumbered] = [numbers, room(words.length)]
  let highest = last
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    let number = known[word]!
    if (number <= before) {
      number = ++highest
      known[word] = number
    }
    renumbered[at] = number - before - 1
  }
  last = highest
  return renumbered
}

const counts = new Int32Array(2 * maxTokens)

/** How many items two lists share, each counted as often as it occurs in both. Items must be numbers of tokens. */
export function sharedTokens(left: Int32Array, right: Int32Array): number {
  let shared = 0
  for (let at = 0; at < left.length; at++) counts[left[at]!]!++
  for (let at = 0; at < right.length; at++) {
    const item = right[at]!
    const count = counts[item]!
    // 1 where there is one left.
    const isShared = -count >>> 31
    shared += isShared
    counts[item] = count - isShared
  }
  // Left as it was found: all zero.
  for (let at = 0; at < left.length; at++) counts[left[at]!] = 0
  return shared
}

/** F of precision and recall with the same weight; 0 where nothing is shared. */
export function fMeasure(shared: number, leftSize: number, rightSize: number): number {
  return shared === 0 ? 0 : (2 * shared) / (leftSize + rightSize)
}
