import { type ReviewReason } from '../../../shared/contracts/review.ts'

export type Queued = {
  exchangeId: string
  why: ReviewReason
  capturedAtMs: number
  /** From 0 to 1: how far apart what is known of it is. */
  disagreement: number
  /** Of the draw. */
  fraction: number
}

/** After so many picked pairs stands one that was drawn: who labels for ten minutes has then labelled some of both. */
const pickedInARow = 3

/** The one order of these pairs, whatever order they come in. What is drawn goes by its hash alone. */
export function inOrder<Each extends Queued>(pairs: readonly Each[]): Each[] {
  const picked = pairs.filter((pair) => !isDrawn(pair)).toSorted(byNeed)
  const drawn = pairs.filter(isDrawn).toSorted((a, b) => a.fraction - b.fraction || byId(a, b))
  const ordered: Each[] = []
  while (picked.length > 0 || drawn.length > 0) ordered.push(...picked.splice(0, pickedInARow), ...drawn.splice(0, 1))
  return ordered
}

export const isDrawn = ({ why }: Pick<Queued, 'why'>): boolean => why === 'random_fail' || why === 'random_pass'

function byNeed(a: Queued, b: Queued): number {
  const kind = (pair: Queued) => Number(pair.why === 'unsure')
  const size = ({ why, disagreement }: Queued) => (why === 'disagreement' ? disagreement : 0)
  return kind(a) - kind(b) || size(b) - size(a) || b.capturedAtMs - a.capturedAtMs || byId(a, b)
}

const byId = (a: Queued, b: Queued): number => (a.exchangeId < b.exchangeId ? -1 : Number(a.exchangeId > b.exchangeId))
