import { maxScoredChars } from './normal-form.ts'
import { readBoth } from './reading.ts'
import { scoredWords } from './scored-words.ts'
import { room } from './shelf.ts'
import { wordCount } from './vocabulary.ts'

/** Two texts as numbers of words, which are below `count`: the same number, the same word. */
export type TokenPair = { left: Int32Array; right: Int32Array; count: number }

/** Tokens of SQuAD's normal form: lower case, no ASCII punctuation, no English articles, split at white space. */
export function squadTokens(left: string, right: string): TokenPair {
  const [one, other] = readBoth(left, right, maxScoredChars)
  return { left: scoredWords(one).squad, right: scoredWords(other).squad, count: wordCount() }
}

/** By word of the vocabulary, its number in the pair above `last`, which what is left of pairs before does not reach. */
let numbers = new Int32Array(1 << 13)
let last = 0

/**
 * Tokens as `rouge_score` has them, without stemming: lower case, everything but ASCII letters and digits separates.
 * At most `maxTokens` of the first `maxScoredChars` characters. Every number below `count` occurs.
 */
export function wordTokens(left: string, right: string): TokenPair {
  const [one, other] = readBoth(left, right, maxScoredChars)
  const [first, second] = [scoredWords(one).rouge, scoredWords(other).rouge]
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
  const known = numbers
  const renumbered = room(words.length)
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

let counts = new Int32Array(1 << 13)

/**
 * How many words two lists share, each counted as often as it occurs in both. Numbers must be below `count`, which the vocabulary may
 * have forgotten since.
 */
export function sharedTokens({ left, right, count }: TokenPair): number {
  if (counts.length < count) counts = new Int32Array(2 * count)
  let shared = 0
  for (let at = 0; at < left.length; at++) counts[left[at]!]!++
  for (let at = 0; at < right.length; at++) {
    const item = right[at]!
    const tally = counts[item]!
    // 1 where there is one left.
    const isShared = -tally >>> 31
    shared += isShared
    counts[item] = tally - isShared
  }
  // Left as it was found: all zero.
  for (let at = 0; at < left.length; at++) counts[left[at]!] = 0
  return shared
}

/** F of precision and recall with the same weight; 0 where nothing is shared. */
export function fMeasure(shared: number, leftSize: number, rightSize: number): number {
  return shared === 0 ? 0 : (2 * shared) / (leftSize + rightSize)
}
