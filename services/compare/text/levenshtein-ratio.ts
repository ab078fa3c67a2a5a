import { lcsLength } from './lcs.ts'

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
  return (2 * lcsLength(unitsOf(left, ours), unitsOf(right, theirs), units)) / length
}

function unitsOf(text: string, buffer: Int32Array): Int32Array {
  for (let at = 0; at < text.length; at++) buffer[at] = text.charCodeAt(at)
  return new Int32Array(buffer.buffer, 0, text.length)
}
