import { type Judgement } from '../../../shared/contracts/comparison.ts'
import { type ArmView, type ComparisonView, type ExchangeView } from '../../../shared/contracts/exchange-view.ts'
import { type StoredHead } from '../../../shared/store/stored-exchange.ts'
import { msOf, timeOf } from './ask.ts'

export type ExchangeRow = Omit<ExchangeView, 'version' | 'capturedAt' | 'bodies' | 'request' | 'served' | 'arms'> &
  Pick<
    StoredHead,
    'capturedAtMs' | 'method' | 'path' | 'requestModel' | 'streamed' | 'requestBytes' | 'status' | 'wireEnd'
  > &
  Pick<
    ExchangeView['served'],
    | 'model'
    | 'ttftMs'
    | 'totalMs'
    | 'inputTokens'
    | 'cachedInputTokens'
    | 'outputTokens'
    | 'reasoningTokens'
    | 'errorType'
    | 'anomalies'
  >

const float = (column: string, name: string) => `toFloat64(${column}) AS ${name}`
const orNull = (column: string, name: string) => `nullIf(toString(${column}), '') AS ${name}`
const usage = [
  float('input_tokens', 'inputTokens'),
  float('cached_input_tokens', 'cachedInputTokens'),
  float('output_tokens', 'outputTokens'),
  float('reasoning_tokens', 'reasoningTokens'),
].join(',\n  ')

export const exchangeSql = `
SELECT
  toString(exchange_id) AS exchangeId,
  ${msOf('captured_at')} AS capturedAtMs,
  source, upstream, route,
  ${orNull('exchanges.task', 'task')},
  conversation_id AS conversationId,
  ${orNull('tenant_id', 'tenantId')},
  sample_probability AS sampleProbability,
  capture_mode AS captureMode,
  dialect, method, path,
  ${orNull('request_model', 'requestModel')},
  streamed,
  ${float('request_bytes', 'requestBytes')},
  ${float('exchanges.status', 'status')},
  wire_end AS wireEnd,
  ${orNull('served_model', 'model')},
  ttft_ms AS ttftMs,
  total_ms AS totalMs,
  ${usage},
  ${orNull('error_type', 'errorType')},
  anomalies
FROM exchanges
WHERE exchange_id = {id:UUID}
ORDER BY stored_at DESC
LIMIT 1`

export type BodyRow = {
  requestHeaders: Record<string, string>
  requestBody: string | null
  requestEncoding: 'utf8' | 'base64'
  requestTruncated: boolean
  answerHeaders: Record<string, string>
  answerBody: string | null
  answerEncoding: 'utf8' | 'base64'
  answer: string
  offsetsMs: number[]
  sizesBytes: number[]
}

const ofExchange = `captured_at = ${timeOf('capturedAtMs')} AND exchange_id = {id:UUID}`

// Texts keep their columns' names and stand beside their row's id: that is what opens them where they are sealed.
export const bodiesSql = `
SELECT
  toString(exchange_id) AS exchangeId,
  request_headers AS requestHeaders,
  request_body AS requestBody,
  request_encoding AS requestEncoding,
  request_truncated AS requestTruncated,
  answer_headers AS answerHeaders,
  answer_body AS answerBody,
  answer_encoding AS answerEncoding,
  answer,
  chunk_offsets_ms AS offsetsMs,
  chunk_sizes_bytes AS sizesBytes
FROM exchange_bodies
WHERE ${ofExchange}
ORDER BY stored_at DESC
LIMIT 1`

export type ObservationRow = Omit<
  ArmView,
  'isControl' | 'askedAt' | 'notAskedReason' | 'failureKind' | 'bodies' | 'answer' | 'chunks' | 'losses' | 'comparison'
> & { askedAtMs: number; reason: string | null; lost: string[]; material: string[] }

export const observationsSql = `
SELECT
  toString(observation_id) AS observationId,
  arm,
  arm_fingerprint AS armFingerprint,
  ${msOf('asked_at')} AS askedAtMs,
  provider, model, dialect, streamed, outcome,
  ${orNull('observations.reason', 'reason')},
  ${float('observations.status', 'status')},
  connect_ms AS connectMs,
  ttft_ms AS ttftMs,
  total_ms AS totalMs,
  waited_ms AS waitedMs,
  ${float('observations.attempts', 'attempts')},
  ${usage},
  cost_usd AS costUsd,
  losses AS lost,
  material_losses AS material
FROM observations
WHERE ${ofExchange}
ORDER BY arm, asked_at DESC
LIMIT 1 BY arm`

export type ObservationBodyRow = {
  observationId: string
  answer: string
  losses: string
  offsetsMs: number[]
  sizesBytes: number[]
}

export const observationBodiesSql = `
SELECT
  toString(observation_id) AS observationId,
  answer,
  losses,
  chunk_offsets_ms AS offsetsMs,
  chunk_sizes_bytes AS sizesBytes
FROM observation_bodies
WHERE ${ofExchange}
ORDER BY observation_id, asked_at DESC
LIMIT 1 BY observation_id`

export type ComparisonRow = Omit<
  ComparisonView,
  'comparedAt' | 'differences' | 'judge' | 'deltas' | 'patch' | 'servedExcerpt' | 'armExcerpt'
> & {
  comparedAtMs: number
  differences: string
  servedExcerpt: string
  armExcerpt: string
  losses: string[]
  servedCostUsd: number | null
  judgeVersion: string | null
  judgeState: Judgement['state'] | null
  judgeReason: string | null
  judgeServedFirst: Judgement['servedFirst']
  judgeArmFirst: Judgement['armFirst']
  judgeCut: boolean
  judgeLengthRatio: number | null
  judgeCostUsd: number | null
  ladderQuality: number | null
  ttftDeltaMs: number | null
  totalDeltaMs: number | null
  outputTokensDelta: number | null
  costDeltaUsd: number | null
}

export const comparisonsOfSql = `
SELECT
  toString(comparison_id) AS comparisonId,
  ${msOf('compared_at')} AS comparedAtMs,
  outcome,
  ${orNull('comparisons.reason', 'reason')},
  ${orNull('comparisons.finding', 'finding')},
  decided_by AS decidedBy,
  scorer_version AS scorerVersion,
  task, quality, divergence, soundness,
  if(outcome = 'not_comparable', NULL, served_soundness) AS servedSoundness,
  control_quality AS controlQuality,
  control_divergence AS controlDivergence,
  scores,
  served_scores AS servedScores,
  not_scored AS notScored,
  kinds, paths, differences, waived,
  ${orNull('comparisons.label', 'label')},
  ${orNull('served_label', 'servedLabel')},
  served_excerpt AS servedExcerpt,
  arm_excerpt AS armExcerpt,
  losses,
  served_cost_usd AS servedCostUsd,
  ${orNull('judge_version', 'judgeVersion')},
  ${orNull('judge_state', 'judgeState')},
  ${orNull('judge_reason', 'judgeReason')},
  judge_served_first AS judgeServedFirst,
  judge_arm_first AS judgeArmFirst,
  judge_cut AS judgeCut,
  judge_length_ratio AS judgeLengthRatio,
  judge_cost_usd AS judgeCostUsd,
  ladder_quality AS ladderQuality,
  ttft_ms - served_ttft_ms AS ttftDeltaMs,
  total_ms - served_total_ms AS totalDeltaMs,
  toFloat64(output_tokens) - toFloat64(served_output_tokens) AS outputTokensDelta,
  cost_usd - served_cost_usd AS costDeltaUsd
FROM comparisons
WHERE ${ofExchange}
ORDER BY comparison_id, compared_at DESC
LIMIT 1 BY comparison_id`
