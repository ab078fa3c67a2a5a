import { remembered } from './remembered.ts'

/** Longer texts are scored by their beginning, so that one giant answer cannot hold up the others. */
export const maxScoredChars = 200_000
export const maxTokens = 10_000

/**
 * Tokens as `rouge_score` has them, without stemming: lower case, everything but ASCII letters and digits separates.
 * At most `maxTokens` of the first `maxScoredChars` characters.
 */
export const wordTokens: (text: string) => readonly string[] = remembered(
  (text) =>
    text
      .slice(0, maxScoredChars)
      .toLowerCase()
      .match(/[a-z0-9]+/g)
      ?.slice(0, maxTokens) ?? [],
)

const isPlain = /^[a-z\d]+$/
const punctuation = /[!-/:-@[-`{-~]/g
// JavaScript's \b knows ASCII letters only.
const articles = /(?<![\p{L}\p{N}_])(?:an|a|the)(?![\p{L}\p{N}_])/gu

/**
 * SQuAD's normal form: lower case, no ASCII punctuation, no English articles, single spaces. What lies beyond
 * `maxScoredChars` stays as it is, so that texts equal in normal form are still equal to their ends.
 */
export function normalizeAnswer(text: string): string {
  return text.length <= maxScoredChars
    ? normalize(text)
    : normalize(text.slice(0, maxScoredChars)) + text.slice(maxScoredChars)
}

export function squadTokens(text: string): readonly string[] {
  const normal = normalize(text.slice(0, maxScoredChars))
  return normal === '' ? [] : normal.split(' ').slice(0, maxTokens)
}

const normalize = remembered((text: string): string => {
  const words = text.toLowerCase().replaceAll(punctuation, '').split(/\s+/)
  const kept = words.map(withoutArticles).join(' ')
  return kept.replaceAll(/ {2,}/g, ' ').trim()
})

/** Most words are plain, and then only the whole word can be an article. */
function withoutArticles(word: string): string {
  if (isPlain.test(word)) return word === 'a' || word === 'an' || word === 'the' ? '' : word
  return word.replaceAll(articles, ' ')
}

/** The same word is the same number in both lists, which makes every later comparison one of integers. */
export function intern(left: readonly string[], right: readonly string[]): [Int32Array, Int32Array] {
  const numbers = new Map<string, number>()
  const number = (token: string): number => {
    const known = numbers.get(token)
    if (known !== undefined) return known
    numbers.set(token, numbers.size)
    return numbers.size - 1
  }
  return [Int32Array.from(left, number), Int32Array.from(right, number)]
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
