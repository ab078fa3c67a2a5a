import { isSpace } from './normal-form.ts'

const maxChars = 10_000
const maxOrder = 6
const beta = 2

/** Grams of one order of the reference, never more than half full; what stands in it of other uses is not emptied. */
const maxBins = 1 << 15
/** Of each bin, side by side: when it was last used, its key, and how often. */
const bins = new Int32Array(4 * maxBins)
let use = 0

type Side = { length: number; characters: Int32Array; grams: Int32Array }
const sideOf = (): Side => ({ length: 0, characters: new Int32Array(maxChars), grams: new Int32Array(maxChars) })
const [left, right] = [sideOf(), sideOf()]

/**
 * chrF (Popović 2015) as sacreBLEU has it by default, in [0, 1]: character n-grams of 1 to 6 without white space, by code
 * point, case kept. The served text is the reference. Works for every script. Reads the first 10,000 characters.
 */
export function chrf(reference: string, hypothesis: string): number {
  readInto(left, reference)
  readInto(right, hypothesis)
  // As few as do, because they are then near one another.
  let size = 1 << 6
  while (size < 2 * left.length) size *= 2
  let [precision, recall, orders] = [0, 0, 0]
  for (let order = 1; order <= maxOrder && order <= left.length && order <= right.length; order++) {
    const matched = matches(order, size - 1)
    precision += matched / (right.length - order + 1)
    recall += matched / (left.length - order + 1)
    orders++
  }
  if (precision + recall === 0) return 0
  const [meanPrecision, meanRecall] = [precision / orders, recall / orders]
  return ((1 + beta ** 2) * meanPrecision * meanRecall) / (beta ** 2 * meanPrecision + meanRecall)
}

function readInto(side: Side, text: string): void {
  const end = Math.min(text.length, maxChars)
  side.length = 0
  for (let at = 0; at < end; at++) {
    const unit = text.charCodeAt(at)
    if (isSpace(unit)) continue
    const isPair = (unit & 0xfc00) === 0xd800 && at + 1 < end && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00
    side.characters[side.length++] = isPair ? text.codePointAt(at++)! : unit
  }
}

/**
 * How many grams of an order both sides have, each counted as often as it occurs in both. A gram is told by the bin of the gram
 * without its last character and the bin of that: two numbers below `maxBins`, exactly and without a string.
 */
function matches(order: number, mask: number): number {
  use++
  const [ours, theirs, lastOfOurs, lastOfTheirs] = [left.grams, right.grams, left.characters, right.characters]
  for (let at = 0; at + order <= left.length; at++) {
    const last = lastOfOurs[at + order - 1]!
    const key = order === 1 ? last : ours[at]! * maxBins + last
    const bin = binOf(key, mask)
    if (bins[4 * bin] !== use) {
      bins[4 * bin] = use
      bins[4 * bin + 1] = key
      bins[4 * bin + 2] = 0
    }
    bins[4 * bin + 2]!++
    ours[at] = bin
  }
  let matched = 0
  for (let at = 0; at + order <= right.length; at++) {
    const last = lastOfTheirs[at + order - 1]!
    // What begins with a gram that the reference does not have is none of its grams.
    if (order > 1 && (theirs[at]! < 0 || last < 0)) {
      theirs[at] = -1
      continue
    }
    const bin = binOf(order === 1 ? last : theirs[at]! * maxBins + last, mask)
    const isKnown = bins[4 * bin] === use
    theirs[at] = isKnown ? bin : -1
    if (!isKnown || bins[4 * bin + 2] === 0) continue
    bins[4 * bin + 2]!--
    matched++
  }
  if (order === 1) {
    lastOfOurs.set(ours.subarray(0, left.length))
    lastOfTheirs.set(theirs.subarray(0, right.length))
  }
  return matched
}

/** Where a key is, or would be. */
function binOf(key: number, mask: number): number {
  const hash = Math.imul(key ^ (key >>> 15), 0x9e3779b1)
  let bin = (hash ^ (hash >>> 15)) & mask
  while (bins[4 * bin] === use && bins[4 * bin + 1] !== key) bin = (bin + 1) & mask
  return bin
}
