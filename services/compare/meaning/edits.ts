import { type Word } from './words.ts'

/** A run of words that gave way to another; either may be empty. */
export type Edit = { from: Word[]; to: Word[] }

/** Longer sentences are compared by their beginning. */
const maxWords = 120

/** What turns one sentence into the other, words of one meaning taken for the same. */
export function editsBetween(served: readonly Word[], arm: readonly Word[]): Edit[] {
  const [left, right] = [served.slice(0, maxWords), arm.slice(0, maxWords)]
  const lengths = commonLengths(left, right)
  const width = right.length + 1
  const edits: Edit[] = []
  let open: Edit | null = null
  for (let i = 0, j = 0; i < left.length || j < right.length;) {
    if (i < left.length && j < right.length && left[i]!.meaning === right[j]!.meaning) {
      open = null
      i++
      j++
      continue
    }
    if (open === null) edits.push((open = { from: [], to: [] }))
    const isLoss =
      i < left.length && (j >= right.length || lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)
    if (isLoss) open.from.push(left[i++]!)
    else open.to.push(right[j++]!)
  }
  return edits
}

/** One table for the process. */
const cells = new Uint8Array((maxWords + 1) ** 2)

/** Cell (i, j): the longest common subsequence of what comes from i and from j on. */
function commonLengths(left: readonly Word[], right: readonly Word[]): Uint8Array {
  const width = right.length + 1
  const lengths = cells
  lengths.fill(0, 0, (left.length + 1) * width)
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        left[i]!.meaning === right[j]!.meaning
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
    }
  }
  return lengths
}
