import { Comparison } from '../../../shared/contracts/comparison.ts'
import { ObservationSet } from '../../../shared/contracts/observation.ts'
import { errorCode } from '../../../shared/errors.ts'
import { decodeMessage, encodeMessage } from '../../../shared/log/messages.ts'
import { type TopicLog } from '../../../shared/log/topic-log.ts'
import { type Store } from '../../../shared/store/store.ts'
import { type EncodedComparison } from '../workers/protocol.ts'
import { type ScoringPool } from '../workers/pool.ts'
import { type Span, type StoredComparison, type StoredExchange, storedExchanges } from './stored-sets.ts'

export type RescoreTools = {
  store: Pick<Store, 'query'>
  log: Pick<TopicLog, 'publish'>
  pool: ScoringPool
  /** What makes comparisons now: those that it has made are left as they are. */
  versionAt: (at: Date) => string
}

/** Counts are of comparisons: one for each exchange and arm. */
export type Rescored = {
  rescored: number
  changedOutcome: { from: string; to: string; comparisons: number }[]
  /** Another quality, or another outcome. */
  changed: number
  /** Made by the version of now already. */
  current: number
  /** What was said is no longer stored (retention), so they stay as they are. */
  withoutBodies: number
  /** Decided by a judge, who is not asked again. */
  judged: number
  /** Could not be scored in two tries, by code of the error. They stay as they are. */
  failed: Record<string, number>
}

/**
 * Compares again what is stored, by the ladder, the waivers and the scorers of now, without asking any model. What comes out
 * goes the way of all comparisons, and stands in for the older one of its id: running it again, or beside traffic, is safe.
 */
export async function rescore(span: Span, candidate: string | undefined, tools: RescoreTools): Promise<Rescored> {
  const result: Rescored = {
    rescored: 0,
    changedOutcome: [],
    changed: 0,
    current: 0,
    withoutBodies: 0,
    judged: 0,
    failed: {},
  }
  for await (const exchanges of storedExchanges(tools.store, span)) {
    const records = await Promise.all(exchanges.map((each) => rescoreExchange(each, candidate, tools, result)))
    if (records.flat().length > 0) await tools.log.publish('comparisons', records.flat())
  }
  return result
}

async function rescoreExchange(
  { comparisons, sets }: StoredExchange,
  candidate: string | undefined,
  { pool, versionAt }: RescoreTools,
  result: Rescored,
): Promise<EncodedComparison[]> {
  const version = versionAt(new Date())
  const due = new Map<string, StoredComparison>()
  for (const comparison of comparisons) {
    if (candidate !== undefined && comparison.arm !== candidate) continue
    if (comparison.decidedBy === 'judge') result.judged++
    else if (comparison.scorerVersion === version) result.current++
    else if (sets === null) result.withoutBodies++
    else due.set(comparison.comparisonId, comparison)
  }
  if (due.size === 0) return []
  try {
    const compared = await Promise.all(sets!.map((set) => compareTwice(set, pool)))
    return compared.flat().filter((record) => isDue(record, due, result))
  } catch (err) {
    if (errorCode(err) === 'STAGE_STOPPING') throw err
    const code = errorCode(err)
    result.failed[code] = (result.failed[code] ?? 0) + due.size
    return []
  }
}

/** A thread may be lost for no fault of the set. */
async function compareTwice(set: ObservationSet, pool: ScoringPool): Promise<EncodedComparison[]> {
  const encoded = Buffer.from(encodeMessage(ObservationSet, set))
  return await pool.compare(encoded).catch((err: unknown) => {
    if (errorCode(err) !== 'SCORING_FAILED') throw err
    return pool.compare(encoded)
  })
}

function isDue({ value }: EncodedComparison, due: ReadonlyMap<string, StoredComparison>, result: Rescored): boolean {
  const { comparisonId, outcome, measured } = decodeMessage(Comparison, value)
  const before = due.get(comparisonId)
  if (before === undefined) return false
  result.rescored++
  if (before.outcome !== outcome || before.quality !== (measured?.quality ?? null)) result.changed++
  if (before.outcome !== outcome) noteChange(result, before.outcome, outcome)
  return true
}

function noteChange({ changedOutcome }: Rescored, from: string, to: string): void {
  const known = changedOutcome.find((change) => change.from === from && change.to === to)
  if (known) known.comparisons++
  else changedOutcome.push({ from, to, comparisons: 1 })
}
