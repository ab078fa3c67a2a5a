import { areOpposite } from './opposites.ts'
import { type SentenceConflict } from './sentence-conflict.ts'
import { wordOf } from '../text/vocabulary.ts'
import { maxFactChars, stemOf } from './words.ts'

const block = /^[ \t]*```[^\n]*\n([\s\S]*?)^[ \t]*```/gm
const token = /[\p{L}_][\p{L}\p{N}_]*|\d+(?:\.\d+)?|[<>=!&|+*/%-]+|\S/gu
/** More places than these, and it is other code, not the same with a slip. */
const maxPlaces = 2

/**
 * Two fenced code blocks that are the same but for an operator, a number or a word of the opposite meaning. Other names and
 * other code are not looked at: whether they do the same cannot be told without running them.
 */
export function codeConflict(served: string, arm: string): SentenceConflict | null {
  const [ours, theirs] = [blocksOf(served), blocksOf(arm)]
  if (ours.length !== theirs.length) return null
  for (const [place, code] of ours.entries()) {
    const changed = changedToken(code, theirs[place]!)
    if (changed)
      return { message: `code: ${changed.join(' became ')}`, served: code.trim(), arm: theirs[place]!.trim() }
  }
  return null
}

const blocksOf = (text: string): string[] =>
  text.includes('```') ? Array.from(text.slice(0, maxFactChars).matchAll(block), ([, code]) => code!) : []

function changedToken(served: string, arm: string): [string, string] | null {
  const [left, right] = [served.match(token) ?? [], arm.match(token) ?? []]
  if (left.length !== right.length) return null
  const changed = left.flatMap((text, at): [string, string][] => (text === right[at] ? [] : [[text, right[at]!]]))
  return changed.length > maxPlaces ? null : (changed.find(([from, to]) => isTelling(from, to)) ?? null)
}

const isName = (text: string): boolean => /^[\p{L}_]/u.test(text)
const isQuote = (text: string): boolean => /^["'`;,]$/.test(text)

function isTelling(from: string, to: string): boolean {
  if (isName(from) && isName(to))
    return areOpposite(stemOf(wordOf(from.toLowerCase())), stemOf(wordOf(to.toLowerCase())))
  return !isQuote(from) && !isQuote(to)
}
