import { type FailureClass } from '../../../shared/contracts/report.ts'
import { binsOf, compared } from '../facts/facts-sql.ts'

export const spanSql = `
SELECT
  toFloat64(count()) AS rows,
  toFloat64(toUnixTimestamp64Milli(min(captured_at))) AS firstMs,
  toFloat64(toUnixTimestamp64Milli(max(captured_at))) AS lastMs
FROM comparisons
WHERE arm = {arm:String} AND arm_fingerprint = {fingerprint:String} AND outcome != 'not_comparable'
  AND captured_at >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
  AND captured_at <= fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')`

const bucket = 'toFloat64(intDiv(toUnixTimestamp(captured_at), {bucketSeconds:UInt32}) * {bucketSeconds:UInt32})'
const weighed = (value: string, within = 'true') =>
  `sumIf(weight * ${value}, ${within} AND ${value} IS NOT NULL) / sumIf(weight, ${within} AND ${value} IS NOT NULL)`
const middles = (value: string, name: string, within = 'true') =>
  `quantilesExactIf(0.5, 0.95)(assumeNotNull(${value}), ${within} AND ${value} IS NOT NULL) AS ${name}`

export type BucketRow = {
  atSeconds: number
  compared: number
  meanQuality: number | null
  meanControlQuality: number | null
  meanDivergence: number | null
  meanControlDivergence: number | null
  controlled: number
  servedUsd: number | null
  candidateUsd: number | null
  controlUsd: number | null
} & Record<`${'served' | 'candidate' | 'control'}${'Ttft' | 'Total'}`, (number | null)[]>

export const bucketsSql = `
SELECT
  ${bucket} AS atSeconds,
  toFloat64(count()) AS compared,
  toFloat64(countIf(hasControl)) AS controlled,
  ${weighed('quality')} AS meanQuality,
  ${weighed('control_quality', 'hasControl')} AS meanControlQuality,
  ${weighed('divergence')} AS meanDivergence,
  ${weighed('control_divergence', 'hasControl')} AS meanControlDivergence,
  ${middles('served_ttft_ms', 'servedTtft')},
  ${middles('served_total_ms', 'servedTotal')},
  ${middles('ttft_ms', 'candidateTtft')},
  ${middles('total_ms', 'candidateTotal')},
  ${middles('control_ttft_ms', 'controlTtft', 'hasControl')},
  ${middles('control_total_ms', 'controlTotal', 'hasControl')},
  sum(served_cost_usd) AS servedUsd,
  sum(cost_usd) AS candidateUsd,
  sumIf(control_cost_usd, hasControl) AS controlUsd
FROM ${compared}
GROUP BY atSeconds
ORDER BY atSeconds`

export type FailureRow = { whose: 'candidate' | 'control'; atSeconds: number; kind: string; count: number }
export type FailureCounts = Partial<Record<FailureClass, number>>

export const bucketFailuresSql = `
SELECT 'candidate' AS whose, ${bucket} AS atSeconds, toString(reason) AS kind, toFloat64(count()) AS count
FROM ${compared} WHERE isFailed GROUP BY atSeconds, kind
UNION ALL
SELECT 'control' AS whose, ${bucket} AS atSeconds, toString(reason) AS kind, toFloat64(count()) AS count
FROM comparisons_unique
WHERE arm = 'control' AND arm_fingerprint = {control:String} AND outcome = 'failed'
  AND captured_at >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
  AND captured_at <= fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
  AND exchange_id IN (SELECT exchange_id FROM ${compared} WHERE isControlFailed)
GROUP BY atSeconds, kind`

export const percents = Array.from({ length: 99 }, (_, index) => index + 1)
const percentiles = (value: string, name: string, within: string) => `
  quantilesExactIf(${percents.map((percent) => percent / 100).join(', ')})(assumeNotNull(${value}), ${within} AND ${value} IS NOT NULL) AS ${name},
  toFloat64(countIf(${within} AND ${value} IS NOT NULL)) AS ${name}Count`

type ArmName = 'served' | 'candidate' | 'control'
export type DistributionRow = { controlled: number } & Record<
  `${'quality' | 'divergence'}${'Candidate' | 'Control'}`,
  number[]
> &
  Record<`${ArmName}${'Ttft' | 'Total'}`, (number | null)[]> &
  Record<`${ArmName}${'Ttft' | 'Total'}Count`, number>

export const distributionsSql = `
SELECT
  toFloat64(countIf(hasControl)) AS controlled,
  ${binsOf('quality', 'true', 'qualityCandidate')},
  ${binsOf('control_quality', 'hasControl', 'qualityControl')},
  ${binsOf('divergence', 'true', 'divergenceCandidate')},
  ${binsOf('control_divergence', 'hasControl', 'divergenceControl')},
  ${[
    percentiles('served_ttft_ms', 'servedTtft', 'true'),
    percentiles('served_total_ms', 'servedTotal', 'true'),
    percentiles('if(isFailed, inf, ttft_ms)', 'candidateTtft', 'true'),
    percentiles('if(isFailed, inf, total_ms)', 'candidateTotal', 'true'),
    percentiles('if(isControlFailed, inf, control_ttft_ms)', 'controlTtft', 'hasControl'),
    percentiles('if(isControlFailed, inf, control_total_ms)', 'controlTotal', 'hasControl'),
  ].join(',')}
FROM ${compared}`
