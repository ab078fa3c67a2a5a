import { lcsLength } from './lcs.ts'

/**
 * Levenshtein ratio: the share of characters (UTF-16 units) of both texts that stay when one is turned into the other by
 * leaving out and putting in.
 */
export function levenshteinRatio(left: string, right: string): number {
  if (left.length + right.length === 0) return 1
  const [ours, theirs] = [unitsOf(left), unitsOf(right)]
  const count = [...ours, ...theirs].reduce((most, unit) => Math.max(most, unit), 0) + 1
  return (2 * lcsLength(Int32Array.from(ours), Int32Array.from(theirs), count)) / (left.length + right.length)
}

const unitsOf = (text: string): number[] => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))
