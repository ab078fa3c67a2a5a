import { type Word } from './words.ts'

/** A run of words that gave way to another; either may be empty. */
export type Edit = { from: Word[]; to: Word[] }

/** Longer sentences are compared by their beginning. */
const maxWords = 120

/** Meanings of both sentences, and the longest common subsequence of what comes from one word on and from the other. One table for the process. */
const ours = new Int32Array(maxWords)
const theirs = new Int32Array(maxWords)
const lengths = new Uint8Array((maxWords + 1) ** 2)

/** What turns one sentence into the other, words of one meaning taken for the same. */
export function editsBetween(served: readonly Word[], arm: readonly Word[]): Edit[] {
  const [left, right] = [Math.min(served.length, maxWords), Math.min(arm.length, maxWords)]
  for (let at = 0; at < left; at++) ours[at] = served[at]!.meaning
  for (let at = 0; at < right; at++) theirs[at] = arm[at]!.meaning
  let start = 0
  while (start < left && start < right && ours[start] === theirs[start]) start++
  putCommonLengths(start, left, right)
  const width = right + 1
  const edits: Edit[] = []
  let open: Edit | null = null
  for (let i = start, j = start; i < left || j < right;) {
    if (i < left && j < right && ours[i] === theirs[j]) {
      open = null
      i++
      j++
      continue
    }
    if (open === null) edits.push((open = { from: [], to: [] }))
    const isLoss = i < left && (j >= right || lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)
    if (isLoss) open.from.push(served[i++]!)
    else open.to.push(arm[j++]!)
  }
  return edits
}

/** Cell (i, j), with as many columns as the arm's text has words and one more. */
function putCommonLengths(start: number, left: number, right: number): void {
  const [cells, mine, others, width] = [lengths, ours, theirs, right + 1]
  cells.fill(0, left * width, (left + 1) * width)
  for (let i = left - 1; i >= start; i--) {
    const word = mine[i]!
    const [row, below] = [i * width, (i + 1) * width]
    let behind = 0
    cells[row + right] = 0
    for (let j = right - 1; j >= start; j--) {
      const under = cells[below + j]!
      behind = word === others[j] ? cells[below + j + 1]! + 1 : under > behind ? under : behind
      cells[row + j] = behind
    }
  }
}
