import { type Bound } from '../gates/gate.ts'
import { type GateName } from '../../../shared/contracts/verdict.ts'

/** A row of the table `campaigns`. */
export type CampaignRow = {
  campaignId: string
  hash: string
  startedAtMs: number
  comparedBefore: number
  /** Null: every exchange counts. */
  countsFromMs: number | null
  /** JSON. */
  inputs: string
}

/** What has been tried with one candidate, in order: its rows without those that were given up before any evidence. */
export function attemptsOf(rows: readonly CampaignRow[]): CampaignRow[] {
  const inOrder = rows.toSorted((a, b) => a.startedAtMs - b.startedAtMs || (a.campaignId < b.campaignId ? -1 : 1))
  const seen = new Set<string>()
  return inOrder.filter((row, index) => {
    const next = inOrder[index + 1]
    // Two processes may have begun the same one at the same moment.
    if ((row.comparedBefore === 0 && next?.comparedBefore === 0) || seen.has(row.hash)) return false
    seen.add(row.hash)
    return true
  })
}

/** The campaign that a verdict is part of. */
export type Campaign = {
  /** Null: nobody who may write has seen this config yet. */
  id: string | null
  hash: string
  /** From 1. */
  attempt: number
  startedAtMs: number | null
  countsFromMs: number | null
  inputs: string
  attempts: readonly CampaignRow[]
  /** Fixed before, by gate. */
  bounds: ReadonlyMap<GateName, Bound>
}

/**
 * The attempt with this hash. An earlier one is taken up again with what it has gathered: it was fixed before all of its
 * evidence. One that has not begun counts nothing, unless it is the first.
 */
export function campaignOf(rows: readonly CampaignRow[], hash: string, inputs: string): Omit<Campaign, 'bounds'> {
  const attempts = attemptsOf(rows)
  const index = attempts.findIndex((row) => row.hash === hash)
  const row = attempts[index]
  if (row === undefined) {
    const countsFromMs = attempts.length === 0 ? null : Infinity
    return { id: null, hash, attempt: attempts.length + 1, startedAtMs: null, countsFromMs, inputs, attempts }
  }
  const { campaignId: id, startedAtMs, countsFromMs } = row
  return { id, hash, attempt: index + 1, startedAtMs, countsFromMs, inputs, attempts }
}

/**
 * Alpha of one attempt: `alpha / candidates · 6 / (π² j²)`. Over however many attempts j with each of the competing
 * candidates, the parts add up to no more than alpha.
 */
export function alphaOf(alpha: number, attempt: number, competing: number): number {
  return ((alpha / competing) * 6) / (Math.PI * attempt) ** 2
}
