import { type Pair } from '../pair.ts'

/** One way of comparing two answers. Every score is in [0, 1], and 1 for an answer and itself. */
export type Scorer = {
  /** Key in `scores`. */
  name: string
  /** Is it the same both ways round? Otherwise the served answer is the reference. */
  isSymmetric: boolean
  /** Null where this way of comparing says nothing about the pair. */
  score: (pair: Pair) => number | null
}

/** Structured answers have their own scores: words in common say little about JSON or tool calls. */
export function isProse({ task }: Pair): boolean {
  return task === 'text' || task === 'label'
}
