import { type Verdict } from '../../shared/contracts/verdict.ts'
import { type PairRow } from './pairs.ts'

/** Names come from traffic, so they may be many. */
const maxLosses = 50

/** What the exchanges in the gates lost in translation, and how those that lost it fared. */
export function lossesOf(
  rows: readonly Pick<PairRow, 'outcome' | 'losses'>[],
): Pick<Verdict['comparisons'], 'withLosses' | 'losses'> {
  const byLoss = new Map<string, { compared: number; equivalent: number }>()
  let withLosses = 0
  for (const { outcome, losses } of rows) {
    if (outcome === 'not_comparable' || losses.length === 0) continue
    withLosses += 1
    for (const loss of new Set(losses)) {
      const seen = byLoss.get(loss) ?? { compared: 0, equivalent: 0 }
      seen.compared += 1
      if (outcome === 'equivalent') seen.equivalent += 1
      byLoss.set(loss, seen)
    }
  }
  const losses = [...byLoss].map(([loss, seen]) => ({ loss, ...seen }))
  return { withLosses, losses: losses.toSorted((a, b) => b.compared - a.compared).slice(0, maxLosses) }
}
