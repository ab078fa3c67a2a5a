/** Of the last text with masks, one row for each item that the pattern has: all zero between two calls. */
let masks = new Int32Array(1 << 12)
/** By item, where its row begins, above `floor`, which what is left of calls before does not reach. */
let rows = new Int32Array(1 << 12)
let floor = 0
let row = new Int32Array(1 << 7)

/**
 * Length of the longest common subsequence, 32 columns at a time (Hyyrö 2004, "Bit-parallel LCS-length computation
 * revisited"). Items must be integers from 0 to below `count`.
 */
export const lcsLength = (left: Int32Array, right: Int32Array, count: number): number =>
  lcsWithin(left, left.length, right, right.length, count)

/** The same of the beginnings of two arrays. */
export function lcsWithin(
  left: Int32Array,
  leftLength: number,
  right: Int32Array,
  rightLength: number,
  count: number,
): number {
  if (leftLength > rightLength) return lcsWithin(right, rightLength, left, leftLength, count)
  let start = 0
  while (start < leftLength && left[start] === right[start]) start++
  let [leftEnd, rightEnd] = [leftLength, rightLength]
  while (leftEnd > start && left[leftEnd - 1] === right[rightEnd - 1]) {
    leftEnd--
    rightEnd--
  }
  const alike = start + leftLength - leftEnd
  return leftEnd === start ? alike : alike + bitParallel(left, leftEnd, right, rightEnd, start, count)
}

/** Of what is left from `start` on, to before each end. */
function bitParallel(
  pattern: Int32Array,
  patternEnd: number,
  text: Int32Array,
  textEnd: number,
  start: number,
  count: number,
): number {
  const words = Math.max(2, (patternEnd - start + 31) >> 5)
  makeRoom(count, words, patternEnd - start)
  const mask = masks
  const rowOf = rows
  const below = floor
  let top = 0
  for (let at = start; at < patternEnd; at++) {
    const item = pattern[at]!
    if (rowOf[item]! <= below) {
      rowOf[item] = below + 1 + top
      top += words
    }
    const bit = at - start
    mask[rowOf[item]! - below - 1 + (bit >> 5)]! |= 1 << (bit & 31)
  }
  if (words === 2) growTwo(text, start, textEnd)
  else growMany(text, start, textEnd, words)
  mask.fill(0, 0, top)
  floor += top
  return countZeros(row, patternEnd - start)
}

/** A zero bit in `row` is a column where the common subsequence grew by one. */
function growMany(text: Int32Array, start: number, textEnd: number, words: number): void {
  const mask = masks
  const rowOf = rows
  const below = floor
  const grown = row
  grown.fill(-1, 0, words)
  for (let at = start; at < textEnd; at++) {
    const offset = rowOf[text[at]!]! - below - 1
    if (offset < 0) continue
    let carry = 0
    for (let word = 0; word < words; word++) {
      const before = grown[word]!
      const matches = before & mask[offset + word]!
      const sum = (before + matches + carry) | 0
      // The carry out of bit 31, from the signs alone.
      carry = (matches | (before & ~sum)) >>> 31
      grown[word] = sum | (before ^ matches)
    }
  }
}

/** The same of two words, as short texts have them, in two integers. */
function growTwo(text: Int32Array, start: number, textEnd: number): void {
  const mask = masks
  const rowOf = rows
  const below = floor
  let low = -1
  let high = -1
  for (let at = start; at < textEnd; at++) {
    const offset = rowOf[text[at]!]! - below - 1
    if (offset < 0) continue
    const lowMatches = low & mask[offset]!
    const highMatches = high & mask[offset + 1]!
    const lowSum = (low + lowMatches) | 0
    const carry = (lowMatches | (low & ~lowSum)) >>> 31
    const highSum = (high + highMatches + carry) | 0
    low = lowSum | (low ^ lowMatches)
    high = highSum | (high ^ highMatches)
  }
  row[0] = low
  row[1] = high
}

function makeRoom(count: number, words: number, items: number): void {
  if (rows.length < count) rows = new Int32Array(2 * count)
  if (row.length < words) row = new Int32Array(2 * words)
  const size = words * Math.min(items, count)
  if (masks.length < size) masks = new Int32Array(2 * size)
  if (floor < 2 ** 30) return
  rows.fill(0)
  floor = 0
}

function countZeros(row: Int32Array, bits: number): number {
  let ones = 0
  for (let word = 0; word <= (bits - 1) >> 5; word++) {
    // Bits beyond the pattern are as they were: ones.
    let set = row[word]!
    set -= (set >>> 1) & 0x55555555
    set = (set & 0x33333333) + ((set >>> 2) & 0x33333333)
    ones += Math.imul((set + (set >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return 32 * (((bits - 1) >> 5) + 1) - ones
}
