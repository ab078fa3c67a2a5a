// What was said and compared, as it is asked of the store. 64-bit integers leave it as floats: some versions of the engine
// give them as text.

import { headColumns } from '../../../shared/store/stored-exchange.ts'

const msOf = (column: string, name: string) => `toFloat64(toUnixTimestamp64Milli(${column})) AS ${name}`
const inSpan = `captured_at >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
  AND captured_at <= fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')`
const among = `captured_at >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
  AND captured_at <= fromUnixTimestamp64Milli({toMs:Int64}, 'UTC') AND exchange_id IN ({ids:Array(UUID)})`

export const days = `SELECT toString(toDate(captured_at)) AS day FROM comparisons WHERE ${inSpan} GROUP BY day ORDER BY day`

export const keysOfDay = `
SELECT toString(exchange_id) AS exchangeId, ${msOf('captured_at', 'capturedAtMs')}
FROM comparisons
WHERE ${inSpan} AND captured_at >= toDateTime64({day:String}, 3, 'UTC')
  AND captured_at < toDateTime64({day:String}, 3, 'UTC') + INTERVAL 1 DAY
GROUP BY captured_at, exchange_id
ORDER BY captured_at, exchangeId`

export const comparisons = `
SELECT toString(comparison_id) AS comparisonId, toString(exchange_id) AS exchangeId, arm,
  control_fingerprint AS controlFingerprint, outcome, quality, decided_by AS decidedBy, scorer_version AS scorerVersion,
  served_cost_usd AS servedCostUsd
FROM comparisons_unique
WHERE ${among}
ORDER BY arm, comparisonId`

export const exchanges = `
SELECT ${headColumns('exchanges_unique')}
FROM exchanges_unique
WHERE ${among}`

export const exchangeBodies = `
SELECT toString(exchange_id) AS exchangeId, request_body AS requestBody, request_encoding AS requestEncoding,
  request_truncated AS requestTruncated, answer
FROM exchange_bodies
WHERE ${among}
ORDER BY captured_at, exchange_id, stored_at DESC
LIMIT 1 BY captured_at, exchange_id`

export const observations = `
SELECT toString(observation_id) AS observationId, toString(exchange_id) AS exchangeId, arm,
  arm_fingerprint AS armFingerprint, ${msOf('asked_at', 'askedAtMs')}, dialect, provider, model, streamed, outcome, reason,
  status, connect_ms AS connectMs, ttft_ms AS ttftMs, total_ms AS totalMs, attempts, waited_ms AS waitedMs,
  cost_usd AS costUsd
FROM observations_unique
WHERE ${among}`

export const observationBodies = `
SELECT toString(observation_id) AS observationId, answer, losses
FROM observation_bodies
WHERE ${among}
ORDER BY captured_at, observation_id, asked_at DESC
LIMIT 1 BY captured_at, observation_id`
