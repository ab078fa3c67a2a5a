import { contentStems, maxFactChars } from './words.ts'

const item = /^[ \t]*(?:[-*•]|\(?\d{1,3}[.)])[ \t]+(\S.*)$/gm
const maxItems = 100
/** So much of an item's words that the other text lacks, and the item is not there. */
const lacking = 0.5

/**
 * Items of the served list that the arm's shorter list leaves out: not more than it is shorter by, and only those of whose
 * words most occur nowhere in the arm's text.
 */
export function missingItems(served: string, arm: string): string[] {
  if (countOfBreaks(served, 2) < 2 || countOfBreaks(arm, 1) < 1) return []
  const [ours, theirs] = [itemsOf(served), itemsOf(arm)]
  if (theirs.length < 2 || ours.length <= theirs.length) return []
  const said = contentStems(arm.slice(0, maxFactChars))
  return ours
    .map((text) => ({ text, missing: shareMissing(contentStems(text), said) }))
    .filter(({ missing }) => missing >= lacking)
    .toSorted((a, b) => b.missing - a.missing)
    .slice(0, ours.length - theirs.length)
    .map(({ text }) => text)
}

/** Ends of lines, at most so many: each item stands on a line of its own. */
function countOfBreaks(text: string, most: number): number {
  let count = 0
  for (const end of ['\n', '\r', '\u2028', '\u2029'])
    for (let at = text.indexOf(end); at !== -1 && count < most; at = text.indexOf(end, at + 1)) count++
  return count
}

const itemsOf = (text: string): string[] =>
  Array.from(text.slice(0, maxFactChars).matchAll(item), ([, words]) => words!).slice(0, maxItems)

function shareMissing(stems: ReadonlySet<string>, said: ReadonlySet<string>): number {
  return stems.size === 0 ? 0 : [...stems].filter((stem) => !said.has(stem)).length / stems.size
}
