import { remembered } from './remembered.ts'

/** Longer texts are scored by their beginning, so that one giant answer cannot hold up the others. */
export const maxScoredChars = 200_000

const punctuation = /[!-/:-@[-`{-~]/g
// JavaScript's \b knows ASCII letters only.
const articles = /(?<![\p{L}\p{N}_])(?:an|a|the)(?![\p{L}\p{N}_])/gu

/** The words of SQuAD's normal form, of a text in lower case. */
export function normalWords(lower: string): string[] {
  const words: string[] = []
  for (let at = 0, start = 0; at <= lower.length; at++) {
    if (at < lower.length && !isSpace(lower.charCodeAt(at))) continue
    const chunk = lower.slice(start, at).replaceAll(punctuation, '').replaceAll(articles, ' ')
    for (const word of chunk.split(' ')) if (word !== '') words.push(word)
    start = at + 1
  }
  return words
}

/**
 * SQuAD's normal form: lower case, no ASCII punctuation, no English articles, single spaces. What lies beyond
 * `maxScoredChars` stays as it is, so that texts equal in normal form are still equal to their ends.
 */
export const normalizeAnswer: (text: string) => string = remembered((text) => {
  const [head, tail] = [text.slice(0, maxScoredChars), text.slice(maxScoredChars)]
  return normalWords(head.toLowerCase()).join(' ') + tail
})

/** White space as Python has it. */
export const isSpace = (unit: number): boolean =>
  unit === 32 ||
  (unit >= 9 && unit <= 13) ||
  (unit >= 28 && unit <= 31) ||
  unit === 0x85 ||
  (unit > 127 && unit !== 0xfeff && /\s/.test(String.fromCharCode(unit)))
