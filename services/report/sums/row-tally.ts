import { type Verdict } from '../../../shared/contracts/verdict.ts'
import { type JudgingSums, noJudging } from '../judging.ts'
import { countLosses, type LossCounts, lossesIn } from '../losses.ts'
import { type PairRow } from '../pairs.ts'

/** What is known of a candidate's rows, those that are no comparable pairs included. Added in any order. */
export type RowTally = {
  /** Of the candidate's present settings. */
  rows: number
  outcomes: Record<PairRow['outcome'], number>
  notComparable: Map<string, number>
  withLosses: number
  losses: Map<string, LossCounts>
  /** Older than the campaign. */
  leftOut: number
  /** Of other settings. */
  otherSettings: number
  /** With a measure that is none; and the exchange of the first of them. */
  broken: { count: number; first: string | null }
  judging: JudgingSums
}

export function noRows(): RowTally {
  return {
    rows: 0,
    outcomes: { equivalent: 0, different: 0, failed: 0, not_comparable: 0 },
    notComparable: new Map(),
    withLosses: 0,
    losses: new Map(),
    leftOut: 0,
    otherSettings: 0,
    broken: { count: 0, first: null },
    judging: noJudging(),
  }
}

export type Told = Pick<PairRow, 'outcome' | 'reason' | 'losses'>

export function addRows(tally: RowTally, rows: readonly Told[]): RowTally {
  for (const row of rows) {
    const { outcome, reason } = row
    tally.rows += 1
    tally.outcomes[outcome] += 1
    if (outcome === 'not_comparable') {
      const why = reason ?? 'unknown'
      tally.notComparable.set(why, (tally.notComparable.get(why) ?? 0) + 1)
    } else if (row.losses.length > 0) {
      tally.withLosses += 1
      countLosses(tally.losses, row)
    }
  }
  return tally
}

export function countsIn({ outcomes, notComparable, withLosses, losses }: RowTally): Verdict['comparisons'] {
  const { equivalent, different, failed, not_comparable } = outcomes
  return {
    compared: equivalent + different + failed,
    equivalent,
    different,
    failed,
    notComparable: not_comparable,
    notComparableByReason: Object.fromEntries(notComparable),
    withLosses,
    losses: lossesIn(losses),
  }
}
