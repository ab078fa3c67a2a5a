import { type Judging } from '../../shared/contracts/verdict.ts'
import { type PairRow } from './pairs.ts'

/** The judge as it is configured now. */
export type JudgeOfReport = { version: string; allowOwnFamily: boolean }

/** Below it a judge's place decides too often for its decisions to count; said of so many pairs at least. */
export const leastConsistency = 0.7
const leastJudgedTwice = 20

/** How the judge did on these rows of one candidate. */
export function judgingOf(rows: readonly PairRow[], version: string): Judging {
  const own = rows.filter((row) => row.judgeVersion === version)
  const ofControl = rows.filter((row) => row.controlJudgeVersion === version)
  const decided = own.filter((row) => row.judgeState === 'decided')
  const twice = [
    ...own.flatMap((row) => scoresOf(row.judgeServedFirst, row.judgeArmFirst)),
    ...ofControl.flatMap((row) => scoresOf(row.controlJudgeServedFirst, row.controlJudgeArmFirst)),
  ]
  const consistency = shareOf(twice, ({ servedFirst, armFirst }) => servedFirst === armFirst)
  // The first place is won where the served answer stands first and the arm loses, or the arm stands first and wins.
  const places = twice.flatMap(({ servedFirst, armFirst }) => [1 - servedFirst, armFirst]).filter((won) => won !== 0.5)
  return {
    version,
    pairs: own.length,
    decided: decided.length,
    undecidedByReason: undecidedOf(own),
    consistency,
    judgedTwice: twice.length,
    firstPlace: shareOf(places, (won) => won === 1),
    lengthRatio: meanOf(decided.flatMap((row) => row.judgeLengthRatio ?? [])),
    cut: own.filter((row) => row.judgeCut).length,
    costUsd: sumOf(own.map((row) => row.judgeCostUsd ?? null)),
    controlCostUsd: sumOf(ofControl.map((row) => row.controlJudgeCostUsd ?? null)),
    counts: consistency === null || twice.length < leastJudgedTwice || consistency >= leastConsistency,
    otherVersions: rows.filter((row) => isJudged(row) && row.judgeVersion !== version).length,
  }
}

const isJudged = (row: PairRow): boolean => row.judgeState === 'decided'

/**
 * The rows as the gates read them: a judge that does not count, or that another version of it has replaced, leaves the
 * quality that the ladder gave.
 */
export function asJudged(rows: readonly PairRow[], judging: Judging | null): PairRow[] {
  const stands = (version: string | null | undefined): boolean =>
    judging !== null && judging.counts && version === judging.version
  return rows.map((row) => {
    const own = stands(row.judgeVersion) ? null : (row.ladderQuality ?? null)
    const control = stands(row.controlJudgeVersion) ? null : (row.controlLadderQuality ?? null)
    if (own === null && control === null) return row
    const withOwn = own === null ? row : { ...row, quality: own, ...(isJudged(row) && decidedByWords(own)) }
    return control === null ? withOwn : { ...withOwn, controlQuality: control }
  })
}

const decidedByWords = (quality: number): Pick<PairRow, 'outcome' | 'decidedBy'> => ({
  outcome: quality >= 0.999 ? 'equivalent' : 'different',
  decidedBy: 'text',
})

type Scores = { servedFirst: number; armFirst: number }

function scoresOf(servedFirst: number | null | undefined, armFirst: number | null | undefined): Scores[] {
  return typeof servedFirst === 'number' && typeof armFirst === 'number' ? [{ servedFirst, armFirst }] : []
}

function undecidedOf(rows: readonly PairRow[]): Record<string, number> {
  const reasons: Record<string, number> = {}
  for (const { judgeState, judgeReason } of rows) {
    if (judgeState === 'decided') continue
    const reason = judgeReason ?? judgeState ?? 'unknown'
    reasons[reason] = (reasons[reason] ?? 0) + 1
  }
  return reasons
}

function shareOf<T>(items: readonly T[], is: (item: T) => boolean): number | null {
  return items.length === 0 ? null : items.filter(is).length / items.length
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0)
}
