import { inSpan } from '../in-span.ts'
import { bins } from './distribution.ts'
import { type LatencyName } from './store-facts.ts'

const ofCandidate = `arm = {arm:String} AND arm_fingerprint = {fingerprint:String} AND ${inSpan}`

export const compared = `
(
  SELECT *, 1 / sample_probability AS weight, ifNull(error, true) AS isFailed,
    control_error IS NOT NULL AND control_fingerprint = {control:String} AS hasControl,
    hasControl AND ifNull(control_error, false) AS isControlFailed,
    hasControl AND cost_usd IS NOT NULL AND control_cost_usd IS NOT NULL AS bothPriced
  FROM comparisons AS pair FINAL
  WHERE ${ofCandidate} AND outcome != 'not_comparable'
)`

const all = 'true'
export const latencySql: Record<LatencyName, { value: string; within: string }> = {
  candidateTtft: { value: 'if(isFailed, inf, ttft_ms)', within: all },
  candidateTotal: { value: 'if(isFailed, inf, total_ms)', within: all },
  controlTtft: { value: 'if(isControlFailed, inf, control_ttft_ms)', within: 'hasControl' },
  controlTotal: { value: 'if(isControlFailed, inf, control_total_ms)', within: 'hasControl' },
}
const latencyCount = (name: LatencyName) =>
  `toFloat64(countIf(${latencySql[name].within} AND ${latencySql[name].value} IS NOT NULL)) AS ${name}Count`

export const binsOf = (measure: string, within: string, name: string) =>
  `sumForEachIf(arrayMap(bin -> toFloat64(least(${bins - 1}, floor(ifNull(${measure}, 0) * ${bins})) = bin), range(${bins})), ${within}) AS ${name}`

// Names of their own: an alias that repeats a column's would stand for it inside other columns.
export const totalsSql = `
SELECT
  toFloat64(count()) AS candidateAsked,
  sum(weight) AS candidateWeight,
  toFloat64(countIf(isFailed)) AS candidateFailed,
  sumIf(weight, isFailed) AS candidateFailedWeight,
  sumIf(weight, cost_usd IS NOT NULL) AS candidatePricedWeight,
  sumIf(weight * ifNull(cost_usd, 0), cost_usd IS NOT NULL) AS candidateUsd,
  toFloat64(countIf(hasControl)) AS controlAsked,
  sumIf(weight, hasControl) AS controlWeight,
  toFloat64(countIf(isControlFailed)) AS controlFailed,
  sumIf(weight, isControlFailed) AS controlFailedWeight,
  sumIf(weight, hasControl AND control_cost_usd IS NOT NULL) AS controlPricedWeight,
  sumIf(weight * ifNull(control_cost_usd, 0), hasControl AND control_cost_usd IS NOT NULL) AS controlUsd,
  toFloat64(countIf(bothPriced)) AS pairs,
  sumIf(weight, bothPriced) AS pairsWeight,
  sumIf(weight * ifNull(cost_usd, 0), bothPriced) AS pairsCandidateUsd,
  sumIf(weight * ifNull(control_cost_usd, 0), bothPriced) AS pairsControlUsd,
  ${(Object.keys(latencySql) as LatencyName[]).map(latencyCount).join(',\n  ')},
  ${binsOf('quality', all, 'candidateQuality')},
  ${binsOf('divergence', all, 'candidateDivergence')},
  ${binsOf('control_quality', 'hasControl', 'controlQuality')},
  ${binsOf('control_divergence', 'hasControl', 'controlDivergence')}
FROM ${compared}`

// All that the candidate would have to answer, compared or not; the routes that are not for it are no part of that.
export const trafficSql = `
SELECT
  sum(1 / sample_probability) AS weight,
  if(count() = 0, NULL, toFloat64(toUnixTimestamp64Milli(min(captured_at)))) AS firstMs,
  if(count() = 0, NULL, toFloat64(toUnixTimestamp64Milli(max(captured_at)))) AS lastMs,
  toFloat64(uniqExact(toDate(captured_at, 'UTC'))) AS dates
FROM comparisons AS pair FINAL
WHERE ${ofCandidate} AND reason != 'not_asked:route_not_selected'`

export const failuresSql = `
SELECT 'candidate' AS whose, toString(reason) AS kind, toFloat64(count()) AS count, sum(weight) AS weight
FROM ${compared} WHERE isFailed GROUP BY kind
UNION ALL
SELECT 'control' AS whose, toString(reason) AS kind, toFloat64(count()) AS count, sum(1 / sample_probability) AS weight
FROM comparisons AS pair FINAL
WHERE arm = 'control' AND arm_fingerprint = {control:String} AND ${inSpan} AND outcome = 'failed'
  AND exchange_id IN (SELECT exchange_id FROM ${compared} WHERE hasControl)
GROUP BY kind`

export const tokensSql = `
SELECT if(observations_unique.arm = 'control', 'control', 'candidate') AS whose, toFloat64(sum(input_tokens + output_tokens)) AS tokens, sum(cost_usd) AS usd
FROM observations_unique
WHERE arm IN ({arm:String}, 'control') AND arm_fingerprint IN ({fingerprint:String}, {control:String}) AND ${inSpan}
  AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL AND cost_usd IS NOT NULL
  AND exchange_id IN (SELECT exchange_id FROM ${compared})
GROUP BY whose
HAVING tokens > 0`

export const promptsSql = `
SELECT
  toString(groupRoute) AS route,
  toString(groupPrompt) AS promptId,
  toFloat64(sum(members)) AS exchanges,
  toFloat64(count()) AS clusters,
  sum(s) AS lost,
  sum(w) AS weight,
  sum(s * s) AS lostLost,
  sum(s * w) AS lostWeight,
  sum(w * w) AS weightWeight,
  sum(controlled) AS controlQuality,
  sum(worse) AS worseWeight,
  (min(worstOne).1, toString(min(worstOne).2)) AS worst
FROM
(
  SELECT
    comparisons_compared.route AS groupRoute,
    prompt_id AS groupPrompt,
    count() AS members,
    sum(weight * (assumeNotNull(control_quality) - assumeNotNull(quality))) AS s,
    sum(weight) AS w,
    sum(weight * assumeNotNull(control_quality)) AS controlled,
    sumIf(weight, quality < control_quality) AS worse,
    min((assumeNotNull(quality) - assumeNotNull(control_quality), exchange_id)) AS worstOne
  FROM ${compared} AS comparisons_compared
  WHERE hasControl AND quality IS NOT NULL AND control_quality IS NOT NULL
  GROUP BY groupRoute, groupPrompt, conversation_id, toDate(captured_at, 'UTC')
)
GROUP BY groupRoute, groupPrompt`

// By itself: kept by conversation it would cost several times as much.
export const rungsSql = `
SELECT toString(route) AS route, toString(prompt_id) AS promptId, toString(decided_by) AS rung, sum(weight) AS weight
FROM ${compared}
WHERE hasControl AND quality < control_quality
GROUP BY route, promptId, rung`
