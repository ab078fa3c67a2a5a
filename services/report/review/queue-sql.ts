import { type Arm } from '../../../shared/config/arms.ts'
import { fractionSql, type Shares } from './draw.ts'

export type QueueSubject = {
  candidate: Pick<Arm, 'name' | 'fingerprint'>
  period: { since?: Date | undefined; until: Date }
  shares: Shares
  /** Who asks. */
  me: string
}

/** What the statements below are asked with. */
export const paramsOf = ({ candidate, period, shares, me }: QueueSubject) => ({
  arm: candidate.name,
  fingerprint: candidate.fingerprint,
  sinceMs: period.since?.getTime() ?? 0,
  untilMs: period.until.getTime(),
  me,
  ...shares,
})

/** Measures that differ by so much disagree. */
export const leastDisagreement = 0.5

export const ofCandidate = `arm = {arm:String} AND arm_fingerprint = {fingerprint:String}
  AND captured_at >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
  AND captured_at <= fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')`

const inForce = (condition: string) => `
SELECT exchange_id, arm_fingerprint, about, reviewer,
  argMax(label, (labelled_at, label_id)) AS said, argMax(blind, (labelled_at, label_id)) AS was_blind
FROM labels_unique
WHERE ${ofCandidate} AND ${condition} AND labelled_at <= fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
  AND (undone_at IS NULL OR undone_at > fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC'))
GROUP BY exchange_id, arm_fingerprint, about, reviewer`

/** Of each person the label that holds at `untilMs`, on each answer. */
export const inForceSql = inForce('true')

/** A failure is no answer that anybody could read: it is in no queue, and not fine without asking. */
const reviewable = "outcome IN ('equivalent', 'different')"

/** Reviewable pairs of the candidate, with why each would be in the queue of `me`; '' where it is not. */
const queued = (comparisons: string, condition: string) => `
WITH
  ${fractionSql('exchange_id')} AS fraction,
  fraction < if(outcome = 'equivalent', {passes:Float64}, {failures:Float64}) AS is_drawn,
  if(judge_state = 'decided', abs(ifNull(quality - ladder_quality, 0)), 0) AS of_judge,
  abs(ifNull(quality - control_quality, 0)) AS of_arms,
  abs(ifNull(quality - (1 - divergence), 0)) AS of_scores,
  toFloat64(fine > 0 AND not_fine > 0) AS of_people,
  greatest(of_judge, of_arms, of_scores, of_people) AS disagreement
SELECT
  toString(comparison_id) AS comparisonId,
  toString(exchange_id) AS exchangeId,
  toFloat64(toUnixTimestamp64Milli(captured_at)) AS capturedAtMs,
  arm_fingerprint AS armFingerprint,
  route, task, nullIf(language, '') AS language, outcome, quality, divergence, decided_by AS decidedBy,
  fraction, disagreement,
  multiIf(of_people = disagreement, 'reviewers', of_judge = disagreement, 'judge_and_checks',
    of_arms = disagreement, 'candidate_and_control', 'quality_and_similarity') AS between,
  multiIf(
    is_mine, '',
    is_drawn, if(outcome = 'equivalent', 'random_pass', 'random_fail'),
    seen > 0 AND of_people = 0, '',
    disagreement >= ${leastDisagreement}, 'disagreement',
    finding = 'unsure' OR judge_state IN ('inconsistent', 'unpaired', 'error'), 'unsure',
    '') AS why
FROM ${comparisons} AS compared
LEFT JOIN (SELECT exchange_id, max(reviewer = {me:String}) AS is_mine, count() AS seen, countIf(said = 'fine') AS fine, countIf(said = 'not_fine') AS not_fine FROM (${inForce(condition)}) WHERE about = 'arm' GROUP BY exchange_id) AS said USING (exchange_id)
WHERE ${ofCandidate} AND ${reviewable}`

/** Of each kind as many as could be in the first `limit` places, each with how many of its kind there are. */
export const queueSql = `
SELECT *, toFloat64(count() OVER (PARTITION BY why)) AS ofItsKind
FROM (${queued('comparisons_unique', 'true')})
WHERE why != ''
ORDER BY why, if(why = 'disagreement', disagreement, 0) DESC, if(startsWith(why, 'random'), fraction, 0),
  capturedAtMs DESC, exchangeId
LIMIT {limit:UInt32} BY why`

const ofExchange = 'exchange_id = {exchangeId:UUID}'
const newest = `(SELECT * FROM comparisons WHERE ${ofCandidate} AND ${ofExchange} ORDER BY compared_at DESC LIMIT 1)`

/** One pair, in whatever state. */
export const pairSql = queued(newest, ofExchange)
