import { type TokenPair } from './tokens.ts'

/** Of two documents, as `natural` has it: 1 + ln(documents / (1 + documents with the word)). */
const idfOfOne = 1 + Math.log(2 / 2)
const idfOfBoth = 1 + Math.log(2 / 3)

/** Cosine of the two texts' TF-IDF vectors, the two being all documents there are. Two empty texts agree. */
export function tfIdfCosine({ left, right, count }: TokenPair): number {
  if (left.length === 0 || right.length === 0) return left.length === right.length ? 1 : 0
  const [ours, theirs] = [countsOf(left, count), countsOf(right, count)]
  let [dot, leftSquares, rightSquares] = [0, 0, 0]
  for (let word = 0; word < count; word++) {
    const idf = ours[word]! > 0 && theirs[word]! > 0 ? idfOfBoth : idfOfOne
    dot += ours[word]! * theirs[word]! * idf ** 2
    leftSquares += (ours[word]! * idf) ** 2
    rightSquares += (theirs[word]! * idf) ** 2
  }
  // Rounding may take it a hair beyond 1.
  return Math.min(1, dot / Math.sqrt(leftSquares * rightSquares))
}

function countsOf(tokens: Int32Array, count: number): Int32Array {
  const counts = new Int32Array(count)
  for (let at = 0; at < tokens.length; at++) counts[tokens[at]!]!++
  return counts
}
