import { maxTokens } from './scored-words.ts'
import { type TokenPair } from './tokens.ts'

/** Of two documents, as `natural` has it: 1 + ln(documents / (1 + documents with the word)). */
const idfOfOne = 1 + Math.log(2 / 2)
const idfOfBoth = 1 + Math.log(2 / 3)

const ours = new Int32Array(2 * maxTokens)
const theirs = new Int32Array(2 * maxTokens)

/** Cosine of the two texts' TF-IDF vectors, the two being all documents there are. Two empty texts agree. */
export function tfIdfCosine({ left, right, count }: TokenPair): number {
  if (left.length === 0 || right.length === 0) return left.length === right.length ? 1 : 0
  for (let at = 0; at < left.length; at++) ours[left[at]!]!++
  for (let at = 0; at < right.length; at++) theirs[right[at]!]!++
  // Sums of whole numbers, of words of one text and of words of both.
  let [dot, leftSquares, rightSquares, leftOfBoth, rightOfBoth] = [0, 0, 0, 0, 0]
  for (let word = 0; word < count; word++) {
    const [mine, other] = [ours[word]!, theirs[word]!]
    dot += mine * other
    leftSquares += mine * mine
    rightSquares += other * other
    if (mine !== 0 && other !== 0) {
      leftOfBoth += mine * mine
      rightOfBoth += other * other
    }
    // Left as they were found: all zero.
    ours[word] = 0
    theirs[word] = 0
  }
  const weighed = (squares: number, ofBoth: number): number =>
    (squares - ofBoth) * idfOfOne ** 2 + ofBoth * idfOfBoth ** 2
  const lengths = Math.sqrt(weighed(leftSquares, leftOfBoth) * weighed(rightSquares, rightOfBoth))
  // Rounding may take it a hair beyond 1.
  return Math.min(1, (dot * idfOfBoth ** 2) / lengths)
}
