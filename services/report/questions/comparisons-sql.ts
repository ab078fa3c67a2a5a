import { type ComparisonSort } from '../../../shared/contracts/comparison-page.ts'
import { type Position } from './cursor.ts'
import { msOf, timeOf } from './ask.ts'

/** What is asked for. Times in ms since 1970. */
export type Filters = {
  arms: { name: string; fingerprint: string }[]
  route?: string | undefined
  outcome?: string | undefined
  finding?: string | undefined
  decidedBy?: string | undefined
  path?: string | undefined
  minDivergence?: number | undefined
  fromMs?: number | undefined
  toMs?: number | undefined
  /** What texts are searched for. */
  needles?: string[] | undefined
  exchangeId?: string | undefined
}

/** Below everything that is measured: what has no such measure comes last. */
const none = -2
/** What is sorted by, the largest first; null: the time alone. */
const values: Record<ComparisonSort, string | null> = {
  newest: null,
  oldest: null,
  worst: `if(quality IS NULL, ${none}, ifNull(control_quality, 1) - ifNull(quality, 0))`,
  divergence: `ifNull(divergence, ${none})`,
  slowest: `ifNull(total_ms, ${none})`,
  dearest: `ifNull(cost_usd, ${none})`,
}

export type KeyRow = { id: string; capturedAtMs: number; comparedAtMs: number; value: number }

/**
 * Keys of rows in their order, from behind a position. It reads few columns of the table itself, where a row may lie twice or in an older
 * form, too: who reads the rows tells which of these are in force. Versions have places of their own, so that a page may end between them.
 */
export function keysSql(
  filters: Filters,
  sort: ComparisonSort,
  behind: Position | null,
  limit: number,
): { sql: string; params: Record<string, unknown> } {
  const value = values[sort] ?? '0'
  const isOldest = sort === 'oldest'
  const [direction, before, edge] = isOldest ? (['ASC', '>', '>='] as const) : (['DESC', '<', '<='] as const)
  const conditions = conditionsOf(filters)
  const params: Record<string, unknown> = { ...parametersOf(filters), limit }
  if (behind !== null) {
    const row = 'captured_at, comparison_id, compared_at'
    const time = `(${row}) ${before} (${timeOf('behindMs')}, {behindId:UUID}, ${timeOf('behindComparedMs')})`
    // The time once more by itself: the engine then need not look at what lies before it.
    if (values[sort] === null) conditions.push(`captured_at ${edge} ${timeOf('behindMs')}`, time)
    else conditions.push(`(sortValue < {behindValue:Float64} OR (sortValue = {behindValue:Float64} AND ${time}))`)
    Object.assign(params, {
      behindMs: behind.capturedAtMs,
      behindId: behind.id,
      behindComparedMs: behind.comparedAtMs,
      behindValue: behind.value,
    })
  }
  const order = `captured_at ${direction}, comparison_id ${direction}, compared_at ${direction}`
  const sql = `
SELECT
  toString(comparison_id) AS id,
  ${msOf('captured_at')} AS capturedAtMs,
  ${msOf('compared_at')} AS comparedAtMs,
  toFloat64(${value}) AS sortValue,
  sortValue AS value
FROM comparisons
WHERE ${conditions.join('\n  AND ')}
ORDER BY ${values[sort] === null ? order : `sortValue DESC, ${order}`}
LIMIT {limit:UInt32}`
  return { sql, params }
}

function conditionsOf(filters: Filters): string[] {
  const { arms, route, outcome, finding, decidedBy, path, minDivergence, fromMs, toMs, needles, exchangeId } = filters
  const inTime = [
    ...(fromMs === undefined ? [] : [`captured_at >= ${timeOf('fromMs')}`]),
    ...(toMs === undefined ? [] : [`captured_at < ${timeOf('toMs')}`]),
  ]
  return [
    // Of one arm the rows lie in the order of time.
    arms.length === 1 ? 'arm = {arm:String}' : 'arm IN {armNames:Array(String)}',
    arms.length === 1
      ? 'arm_fingerprint = {fingerprint:String}'
      : "concat(arm, '/', arm_fingerprint) IN {armKeys:Array(String)}",
    ...inTime,
    ...(route === undefined ? [] : ['route = {route:String}']),
    ...(outcome === undefined ? [] : ['outcome = {outcome:String}']),
    ...(finding === undefined ? [] : ['finding = {finding:String}']),
    ...(decidedBy === undefined ? [] : ['decided_by = {decidedBy:String}']),
    ...(path === undefined ? [] : ['has(paths, {path:String})']),
    ...(minDivergence === undefined ? [] : ['divergence >= {minDivergence:Float64}']),
    ...(exchangeId === undefined ? [] : ['exchange_id = {exchangeId:UUID}']),
    ...(needles === undefined ? [] : [saying(inTime)]),
  ]
}

const holds = (columns: string[]) =>
  `(${columns.map((column) => `multiSearchAnyCaseInsensitiveUTF8(${column}, {needles:Array(String)}) > 0`).join(' OR ')})`

/** In the beginnings and differences, which are kept longest, or in the whole texts while these are kept. */
function saying(inTime: readonly string[]): string {
  const within = ['true', ...inTime].join(' AND ')
  return `(
    ${holds(['served_excerpt', 'arm_excerpt', 'differences'])}
    OR exchange_id IN (
      SELECT exchange_id FROM exchange_bodies
      WHERE ${within} AND ${holds(["ifNull(request_body, '')", 'answer'])}
    )
    OR comparison_id IN (
      SELECT observation_id FROM observation_bodies
      WHERE ${within} AND arm IN {armNames:Array(String)} AND ${holds(['answer'])}
    )
  )`
}

function parametersOf({ arms, ...filters }: Filters): Record<string, unknown> {
  const [first] = arms
  return {
    ...Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)),
    arm: first?.name ?? '',
    fingerprint: first?.fingerprint ?? '',
    armNames: arms.map(({ name }) => name),
    armKeys: arms.map(({ name, fingerprint }) => `${name}/${fingerprint}`),
  }
}

/** How many rows came by the hour of capture, so that a search can go in steps. */
export const arrivalsSql = `
SELECT toFloat64(toUnixTimestamp(hour)) * 1000 AS hourMs, toFloat64(sum(comparison_arrivals.arrived)) AS arrived
FROM comparison_arrivals
WHERE arm IN {armNames:Array(String)}
GROUP BY hour
ORDER BY hour`

/**
 * Rows in force, by keys. Texts lie in blocks of thousands: those of fifty rows from anywhere take several times as long as all other columns.
 */
export const linesSql = (withTexts: boolean): string => `
SELECT
  toString(comparison_id) AS comparisonId,
  toString(exchange_id) AS exchangeId,
  conversation_id AS conversationId,
  ${msOf('captured_at')} AS capturedAtMs,
  ${msOf('compared_at')} AS comparedAtMs,
  arm AS candidate,
  route,
  task,
  outcome,
  nullIf(comparisons_unique.reason, '') AS reason,
  nullIf(comparisons_unique.finding, '') AS finding,
  decided_by AS decidedBy,
  quality,
  control_quality AS controlQuality,
  divergence,
  control_divergence AS controlDivergence,
  kinds,
  paths,
  losses,
  waived,
  ttft_ms AS ttftMs,
  total_ms AS totalMs,
  served_total_ms AS servedTotalMs,
  cost_usd AS costUsd,
  served_cost_usd AS servedCostUsd,
  ${withTexts ? textColumns : 'NULL AS servedExcerpt, NULL AS armExcerpt'}
FROM comparisons_unique
WHERE ${byKeys}`

const textColumns = 'served_excerpt AS servedExcerpt, arm_excerpt AS armExcerpt'
const byKeys = `arm IN {armNames:Array(String)}
  AND captured_at IN {times:Array(DateTime64(3, 'UTC'))}
  AND comparison_id IN {ids:Array(UUID)}`

export const textsSql = `
SELECT toString(comparison_id) AS comparisonId, ${textColumns}
FROM comparisons_unique
WHERE ${byKeys}`
