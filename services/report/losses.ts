import { type Verdict } from '../../shared/contracts/verdict.ts'
import { type PairRow } from './pairs.ts'

/** Names come from traffic, so they may be many. */
const maxLosses = 50

export type LossCounts = { compared: number; equivalent: number }

/** Adds an exchange in the gates to what it lost in translation; each loss counts once. */
export function countLosses(
  byLoss: Map<string, LossCounts>,
  { outcome, losses }: Pick<PairRow, 'outcome' | 'losses'>,
): void {
  for (const loss of new Set(losses)) {
    const seen = byLoss.get(loss) ?? { compared: 0, equivalent: 0 }
    byLoss.set(loss, seen)
    seen.compared += 1
    if (outcome === 'equivalent') seen.equivalent += 1
  }
}

/** What was lost, the most frequent first, and how those that lost it fared. */
export function lossesIn(byLoss: ReadonlyMap<string, LossCounts>): Verdict['comparisons']['losses'] {
  const losses = [...byLoss].map(([loss, seen]) => ({ loss, ...seen }))
  return losses.toSorted((a, b) => b.compared - a.compared || (a.loss < b.loss ? -1 : 1)).slice(0, maxLosses)
}
