/** Room for the pairs of `maxTokens` tokens, never more than half full. */
const maxBins = 1 << 15
const keys = new Int32Array(maxBins)
const tallies = new Int32Array(maxBins)
/** When a bin was last used: nothing is emptied. */
const uses = new Int32Array(maxBins)
let use = 0

/**
 * How many pairs of neighbours two lists share, each counted as often as it occurs in both. Items must be numbers below `count`,
 * `count` at most 2 × `maxTokens`, so that two of them are below 2^31.
 */
export function sharedBigrams(left: Int32Array, right: Int32Array, count: number): number {
  use++
  // As few as do, because they are then near one another.
  let bins = 1 << 6
  while (bins < 2 * left.length) bins *= 2
  const mask = bins - 1
  for (let at = 0; at + 1 < left.length; at++) {
    const key = left[at]! * count + left[at + 1]!
    const bin = binOf(key, mask)
    if (uses[bin] !== use) {
      uses[bin] = use
      keys[bin] = key
      tallies[bin] = 0
    }
    tallies[bin]!++
  }
  let shared = 0
  for (let at = 0; at + 1 < right.length; at++) {
    const bin = binOf(right[at]! * count + right[at + 1]!, mask)
    if (uses[bin] !== use) continue
    const tally = tallies[bin]!
    const isShared = -tally >>> 31
    shared += isShared
    tallies[bin] = tally - isShared
  }
  return shared
}

/** Where a key is, or would be. */
function binOf(key: number, mask: number): number {
  let bin = (Math.imul(key, 0x9e3779b1) >>> 12) & mask
  while (uses[bin] === use && keys[bin] !== key) bin = (bin + 1) & mask
  return bin
}
