import { type Judging } from '../../shared/contracts/verdict.ts'
import { type PairRow } from './pairs.ts'

/** The judge as it is configured now. */
export type JudgeOfReport = { version: string; allowOwnFamily: boolean }

/** Below it a judge's place decides too often for its decisions to count; said of so many pairs at least. */
export const leastConsistency = 0.7
const leastJudgedTwice = 20

/** What is known of a judge from rows that were added in any order. */
export type JudgingSums = {
  pairs: number
  decided: number
  /** By any version of any judge. */
  decidedByAny: number
  undecided: Map<string, number>
  judgedTwice: number
  consistent: number
  /** Answers that were no tie, and those of them that chose the first place. */
  placed: number
  placedFirst: number
  lengthRatios: { sum: number; count: number }
  cut: number
  cost: { usd: number; unpriced: number }
  controlCost: { usd: number; unpriced: number }
}

export function noJudging(): JudgingSums {
  return {
    pairs: 0,
    decided: 0,
    decidedByAny: 0,
    undecided: new Map(),
    judgedTwice: 0,
    consistent: 0,
    placed: 0,
    placedFirst: 0,
    lengthRatios: { sum: 0, count: 0 },
    cut: 0,
    cost: { usd: 0, unpriced: 0 },
    controlCost: { usd: 0, unpriced: 0 },
  }
}

/** Adds rows of one candidate. `version` of the judge there is now; null where there is none. */
export function addJudged(sums: JudgingSums, rows: readonly PairRow[], version: string | null): JudgingSums {
  for (const row of rows) {
    sums.decidedByAny += Number(isJudged(row))
    if (version === null) continue
    if (row.judgeVersion === version) {
      sums.pairs += 1
      sums.cut += Number(row.judgeCut ?? false)
      addCost(sums.cost, row.judgeCostUsd)
      addScores(sums, row.judgeServedFirst, row.judgeArmFirst)
      if (isJudged(row)) addDecided(sums, row.judgeLengthRatio)
      else {
        const reason = row.judgeReason ?? row.judgeState ?? 'unknown'
        sums.undecided.set(reason, (sums.undecided.get(reason) ?? 0) + 1)
      }
    }
    if (row.controlJudgeVersion === version) {
      addCost(sums.controlCost, row.controlJudgeCostUsd)
      addScores(sums, row.controlJudgeServedFirst, row.controlJudgeArmFirst)
    }
  }
  return sums
}

function addDecided(sums: JudgingSums, lengthRatio: number | null | undefined): void {
  sums.decided += 1
  if (typeof lengthRatio !== 'number') return
  sums.lengthRatios.sum += lengthRatio
  sums.lengthRatios.count += 1
}

function addCost(cost: JudgingSums['cost'], usd: number | null | undefined): void {
  cost.usd += usd ?? 0
  cost.unpriced += Number(typeof usd !== 'number')
}

function addScores(
  sums: JudgingSums,
  servedFirst: number | null | undefined,
  armFirst: number | null | undefined,
): void {
  if (typeof servedFirst !== 'number' || typeof armFirst !== 'number') return
  sums.judgedTwice += 1
  sums.consistent += Number(servedFirst === armFirst)
  // The first place is won where the served answer stands first and the arm loses, or the arm stands first and wins.
  for (const won of [1 - servedFirst, armFirst]) {
    if (won === 0.5) continue
    sums.placed += 1
    sums.placedFirst += Number(won === 1)
  }
}

/** How the judge did on the rows of one candidate. */
export function judgingFrom(sums: JudgingSums, version: string): Judging {
  const { pairs, decided, judgedTwice, cut, cost, controlCost } = sums
  const consistency = shareOf(sums.consistent, judgedTwice)
  const usdOf = ({ usd, unpriced }: JudgingSums['cost']) => (unpriced > 0 ? null : usd)
  return {
    version,
    pairs,
    decided,
    undecidedByReason: Object.fromEntries(sums.undecided),
    consistency,
    judgedTwice,
    firstPlace: shareOf(sums.placedFirst, sums.placed),
    lengthRatio: shareOf(sums.lengthRatios.sum, sums.lengthRatios.count),
    cut,
    costUsd: usdOf(cost),
    controlCostUsd: usdOf(controlCost),
    counts: consistency === null || judgedTwice < leastJudgedTwice || consistency >= leastConsistency,
    otherVersions: sums.decidedByAny - decided,
  }
}

const shareOf = (part: number, whole: number) => (whole === 0 ? null : part / whole)

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
