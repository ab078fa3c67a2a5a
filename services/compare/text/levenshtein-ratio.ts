import { lcsWithin } from './lcs.ts'

const units = 1 << 16
let ours = new Int32Array(1 << 10)
let theirs = new Int32Array(1 << 10)

/**
 * Levenshtein ratio, as Python's `Levenshtein.ratio` has it: the share of characters (UTF-16 units) of both texts that stay when
 * one is turned into the other by leaving out and putting in.
 */
export function levenshteinRatio(left: string, right: string): number {
  const length = left.length + right.length
  if (length === 0) return 1
  if (length > ours.length) [ours, theirs] = [new Int32Array(2 * length), new Int32Array(2 * length)]
  for (let at = 0; at < left.length; at++) ours[at] = left.charCodeAt(at)
  for (let at = 0; at < right.length; at++) theirs[at] = right.charCodeAt(at)
  return (2 * lcsWithin(ours, left.length, theirs, right.length, units)) / length
}
