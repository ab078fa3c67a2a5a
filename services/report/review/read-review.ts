import { type HumanReview } from '../../../shared/contracts/review.ts'
import { type Store } from '../../../shared/store/store.ts'
import { type ScoreSums } from '../../../shared/statistics/stratified-prediction.ts'
import { fractionSql, type Shares } from './draw.ts'
import { humanReviewOf, type Population, type Said, type SpokenOf } from './human-review.ts'
import { inForceSql, ofCandidate } from './queue-sql.ts'

export type ReviewTerms = { shares: Shares; alpha: number }

type Parameters = { arm: string; fingerprint: string; sinceMs: number; untilMs: number }

/** What people have said of these settings up to the end of the period; null: nothing. */
export async function readReview(
  store: Pick<Store, 'query'>,
  parameters: Parameters,
  terms: ReviewTerms,
): Promise<HumanReview | null> {
  const params = { ...parameters, ...terms.shares }
  // Most have none, and to see that costs less than to count which are in force.
  if ((await store.query(anyLabelSql, params)).length === 0) return null
  const [labels] = await store.query<{ n: number }>(`SELECT toFloat64(count()) AS n FROM (${inForceSql})`, params)
  if (labels!.n === 0) return null
  const [spoken, sums] = await Promise.all([
    store.query<SpokenRow>(spokenSql, params),
    store.query<SumsRow>(populationSql, params),
  ])
  return humanReviewOf(spoken.map(spokenOf), populationOf(sums), terms)
}

const anyLabelSql = 'SELECT 1 FROM labels WHERE arm = {arm:String} LIMIT 1'

type SpokenRow = Omit<SpokenOf, 'said' | 'isDrawn'> & {
  isDrawn: number
  said: [string, Said['about'], Said['label'], boolean][]
}

function spokenOf({ isDrawn, said, ...row }: SpokenRow): SpokenOf {
  return {
    ...row,
    isDrawn: isDrawn === 1,
    said: said.map(([reviewer, about, label, blind]) => ({ reviewer, about, label, blind })),
  }
}

type SumsRow = ScoreSums & { part: 'pass' | 'fail' | 'failed'; drawn: number }

function populationOf(rows: readonly SumsRow[]): Population {
  const none = { units: 0, weight: 0, score: 0, square: 0, weight2: 0, score2: 0, square2: 0, drawn: 0 }
  const of = (part: SumsRow['part']) => rows.find((row) => row.part === part) ?? none
  return { strata: { pass: of('pass'), fail: of('fail') }, failedWeight: of('failed').weight }
}

const drawn = `${fractionSql('exchange_id')} < if(outcome = 'equivalent', {passes:Float64}, {failures:Float64})`

const spokenSql = `
SELECT toString(exchange_id) AS exchangeId, conversation_id AS conversationId,
  if(outcome = 'equivalent', 'pass', 'fail') AS stratum, toUInt8(${drawn}) AS isDrawn, 1 / sample_probability AS weight,
  quality, if(judge_state = 'decided', quality, NULL) AS judgeQuality, ifNull(ladder_quality, quality) AS checksQuality,
  scores, said.said AS said
FROM comparisons_unique AS compared
INNER JOIN (SELECT exchange_id, arraySort(groupArray((reviewer, toString(about), toString(said), was_blind))) AS said FROM (${inForceSql}) GROUP BY exchange_id) AS said USING (exchange_id)
WHERE ${ofCandidate} AND outcome IN ('equivalent', 'different')
ORDER BY captured_at, exchange_id`

const populationSql = `
WITH 1 / sample_probability AS w, ifNull(quality, 0) AS f
SELECT multiIf(outcome = 'failed', 'failed', outcome = 'equivalent', 'pass', 'fail') AS part,
  toFloat64(count()) AS units, toFloat64(countIf(${drawn})) AS drawn,
  sum(w) AS weight, sum(w * f) AS score, sum(w * f * f) AS square,
  sum(w * w) AS weight2, sum(w * w * f) AS score2, sum(w * w * f * f) AS square2
FROM comparisons_unique
WHERE ${ofCandidate} AND outcome != 'not_comparable'
GROUP BY part`
