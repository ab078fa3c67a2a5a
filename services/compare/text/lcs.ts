/**
 * Length of the longest common subsequence, 32 columns at a time (Hyyrö 2004, "Bit-parallel LCS-length computation
 * revisited"). Items must be small non-negative integers, as `intern` makes them.
 */
export function lcsLength(left: Int32Array, right: Int32Array): number {
  const [first, second] = left.length <= right.length ? [left, right] : [right, left]
  let start = 0
  while (start < first.length && first[start] === second[start]) start++
  let end = 0
  while (end < first.length - start && first[first.length - 1 - end] === second[second.length - 1 - end]) end++
  const middle = bitParallel(first.subarray(start, first.length - end), second.subarray(start, second.length - end))
  return start + end + middle
}

function bitParallel(pattern: Int32Array, text: Int32Array): number {
  const words = Math.ceil(pattern.length / 32)
  const masks = positionMasks(pattern, words)
  // A zero bit in row[i] is a column where the common subsequence grew by one.
  const row = new Int32Array(words).fill(-1)
  for (const item of text) {
    const mask = masks.get(item)
    if (mask !== undefined) advance(row, mask)
  }
  return countZeros(row, pattern.length)
}

function positionMasks(pattern: Int32Array, words: number): Map<number, Int32Array> {
  const masks = new Map<number, Int32Array>()
  for (const [position, item] of pattern.entries()) {
    let mask = masks.get(item)
    if (mask === undefined) masks.set(item, (mask = new Int32Array(words)))
    mask[position >> 5]! |= 1 << (position & 31)
  }
  return masks
}

function advance(row: Int32Array, mask: Int32Array): void {
  let carry = 0
  for (let word = 0; word < row.length; word++) {
    const before = row[word]!
    const matches = before & mask[word]!
    const sum = (before >>> 0) + (matches >>> 0) + carry
    carry = sum > 0xffff_ffff ? 1 : 0
    row[word] = sum | 0 | (before & ~matches)
  }
}

function countZeros(row: Int32Array, bits: number): number {
  let zeros = 0
  for (let bit = 0; bit < bits; bit++) {
    if (((row[bit >> 5]! >>> (bit & 31)) & 1) === 0) zeros++
  }
  return zeros
}
