/**
 * Length of the longest common subsequence, 32 columns at a time (Hyyrö 2004, "Bit-parallel LCS-length computation
 * revisited"). Items must be integers from 0 to below `count`.
 */
export function lcsLength(left: Int32Array, right: Int32Array, count: number): number {
  const [first, second] = left.length <= right.length ? [left, right] : [right, left]
  let start = 0
  while (start < first.length && first[start] === second[start]) start++
  let end = 0
  while (end < first.length - start && first[first.length - 1 - end] === second[second.length - 1 - end]) end++
  if (start + end === first.length) return first.length
  const middle = bitParallel(
    first.subarray(start, first.length - end),
    second.subarray(start, second.length - end),
    count,
  )
  return start + end + middle
}

function bitParallel(pattern: Int32Array, text: Int32Array, count: number): number {
  const words = (pattern.length + 31) >> 5
  // Where the masks of an item stand, 1 for the first; 0: the pattern has none.
  const places = new Int32Array(count)
  let distinct = 0
  for (let at = 0; at < pattern.length; at++) if (places[pattern[at]!] === 0) places[pattern[at]!] = ++distinct
  const masks = new Int32Array(distinct * words)
  for (let at = 0; at < pattern.length; at++) {
    masks[(places[pattern[at]!]! - 1) * words + (at >> 5)]! |= 1 << (at & 31)
  }
  // A zero bit in row[i] is a column where the common subsequence grew by one.
  const row = new Int32Array(words).fill(-1)
  for (let at = 0; at < text.length; at++) {
    const place = places[text[at]!]!
    if (place !== 0) advance(row, masks, (place - 1) * words, words)
  }
  return countZeros(row, pattern.length)
}

function advance(row: Int32Array, masks: Int32Array, offset: number, words: number): void {
  let carry = 0
  for (let word = 0; word < words; word++) {
    const before = row[word]!
    const matches = before & masks[offset + word]!
    const sum = (before + matches + carry) | 0
    // The carry out of bit 31, from the signs alone.
    carry = ((before & matches) | ((before | matches) & ~sum)) >>> 31
    row[word] = sum | (before & ~matches)
  }
}

function countZeros(row: Int32Array, bits: number): number {
  let zeros = 0
  for (let bit = 0; bit < bits; bit++) {
    if (((row[bit >> 5]! >>> (bit & 31)) & 1) === 0) zeros++
  }
  return zeros
}
