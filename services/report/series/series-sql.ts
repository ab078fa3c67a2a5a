import { type FailureClass } from '../../../shared/contracts/report.ts'
import { byText } from '../by-text.ts'
import { added } from '../days/added.ts'
import { type DayQuestion } from '../days/days.ts'
import { binsOf, compared } from '../facts/facts-sql.ts'
import { inSpan } from '../in-span.ts'
import { sketchSql, type SketchRow } from './latency-sketch.ts'

/** Which parameter, beside those of a subject, the questions about buckets have: a part of a day. */
export type BucketParameters = { bucketSeconds: number }

const spanSql = `
SELECT
  toFloat64(count()) AS rows,
  if(count() = 0, NULL, toFloat64(toUnixTimestamp64Milli(min(captured_at)))) AS firstMs,
  if(count() = 0, NULL, toFloat64(toUnixTimestamp64Milli(max(captured_at)))) AS lastMs
FROM comparisons
WHERE arm = {arm:String} AND arm_fingerprint = {fingerprint:String} AND outcome != 'not_comparable'
  AND ${inSpan}`

export const spanQuestion: DayQuestion<{ rows: number; firstMs: number | null; lastMs: number | null }> = {
  name: 'span',
  sql: spanSql,
  merge: (rows) => added(rows, { keys: [], least: ['firstMs'], most: ['lastMs'] }),
}

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

const bucketsSql = `
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
GROUP BY atSeconds`

export const bucketsQuestion: DayQuestion<BucketRow> = {
  name: 'buckets',
  sql: bucketsSql,
  merge: (rows) => rows.toSorted((a, b) => a.atSeconds - b.atSeconds),
}

export type FailureRow = { whose: 'candidate' | 'control'; atSeconds: number; kind: string; count: number }
export type FailureCounts = Partial<Record<FailureClass, number>>

const bucketFailuresSql = `
SELECT 'candidate' AS whose, ${bucket} AS atSeconds, toString(reason) AS kind, toFloat64(count()) AS count
FROM ${compared} WHERE isFailed GROUP BY atSeconds, kind
UNION ALL
SELECT 'control' AS whose, ${bucket} AS atSeconds, toString(reason) AS kind, toFloat64(count()) AS count
FROM comparisons AS pair FINAL
WHERE arm = 'control' AND arm_fingerprint = {control:String} AND outcome = 'failed'
  AND ${inSpan}
  AND exchange_id IN (SELECT exchange_id FROM ${compared} WHERE isControlFailed)
GROUP BY atSeconds, kind`

export const bucketFailuresQuestion: DayQuestion<FailureRow> = {
  name: 'bucket failures',
  sql: bucketFailuresSql,
  merge: (rows) => added(rows, { keys: ['whose', 'atSeconds', 'kind'] }).toSorted((a, b) => byText(a, b, 'kind')),
}

export const percents = Array.from({ length: 99 }, (_, index) => index + 1)

type HistogramRow = { controlled: number } & Record<`${'quality' | 'divergence'}${'Candidate' | 'Control'}`, number[]>

export const histogramsQuestion: DayQuestion<HistogramRow> = {
  name: 'histograms',
  sql: `
SELECT
  toFloat64(countIf(hasControl)) AS controlled,
  ${binsOf('quality', 'true', 'qualityCandidate')},
  ${binsOf('control_quality', 'hasControl', 'qualityControl')},
  ${binsOf('divergence', 'true', 'divergenceCandidate')},
  ${binsOf('control_divergence', 'hasControl', 'divergenceControl')}
FROM ${compared}`,
  merge: (rows) => added(rows, { keys: [] }),
}

export type LatencyName = `${'served' | 'candidate' | 'control'}${'Ttft' | 'Total'}`

export const latenciesQuestion: DayQuestion<SketchRow> = {
  name: 'latencies',
  sql: `
SELECT ${[
    sketchSql('served_ttft_ms', 'true', 'servedTtft'),
    sketchSql('served_total_ms', 'true', 'servedTotal'),
    sketchSql('if(isFailed, inf, ttft_ms)', 'true', 'candidateTtft'),
    sketchSql('if(isFailed, inf, total_ms)', 'true', 'candidateTotal'),
    sketchSql('if(isControlFailed, inf, control_ttft_ms)', 'hasControl', 'controlTtft'),
    sketchSql('if(isControlFailed, inf, control_total_ms)', 'hasControl', 'controlTotal'),
  ].join(',')}
FROM ${compared}`,
  merge: (rows) => rows,
}
