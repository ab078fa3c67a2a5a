/**
 * Words of two texts as small integers: the same word is the same number in both, so that every later comparison is one of
 * integers. One table for the process, emptied for each pair: nothing in here may wait.
 */
const slotCount = 1 << 17
const slots = new Int32Array(slotCount)
const stamps = new Int32Array(slotCount)
let stamp = 0

const maxPool = 1 << 20
/** The characters of every word met so far, end to end. */
const pool = new Uint16Array(maxPool)
let poolEnd = 0
const maxWords = 1 << 15
const hashes = new Int32Array(maxWords)
const starts = new Int32Array(maxWords + 1)
let wordCount = 0

export function startInterning(): void {
  stamp++
  poolEnd = 0
  wordCount = 0
}

export const internedCount = (): number => wordCount

/** Puts one character of the word that is being read. A word beyond what there is room for is cut. */
export function putUnit(unit: number): void {
  if (poolEnd < maxPool) pool[poolEnd++] = unit
}

/** Ends the word that was put since the last one ended: its number, or -1 for no characters. */
export function endWord(): number {
  const start = starts[wordCount]!
  const length = poolEnd - start
  if (length === 0) return -1
  let hash = 0x811c9dc5 | 0
  for (let at = start; at < poolEnd; at++) hash = Math.imul(hash ^ pool[at]!, 0x01000193)
  let slot = (hash ^ (hash >>> 15)) & (slotCount - 1)
  while (stamps[slot] === stamp) {
    const known = slots[slot]!
    if (hashes[known] === hash && isSameWord(known, start, length)) {
      poolEnd = start
      return known
    }
    slot = (slot + 1) & (slotCount - 1)
  }
  stamps[slot] = stamp
  slots[slot] = wordCount
  hashes[wordCount] = hash
  starts[wordCount + 1] = poolEnd
  return wordCount++
}

function isSameWord(word: number, start: number, length: number): boolean {
  const other = starts[word]!
  if (starts[word + 1]! - other !== length) return false
  for (let at = 0; at < length; at++) if (pool[other + at] !== pool[start + at]) return false
  return true
}
