import { type GatesConfig } from '../../../shared/config/schema.ts'
import { bets } from '../../../shared/statistics/e-process.ts'

/**
 * What the engine has to do for the same evidence from rows: every gate on the whole traffic and on each route, averaged by
 * conversation, with the sums of all bets both ways. It reads the table itself, as if no row had come twice; it looks for no
 * incident, no late turn and no kind of traffic that nobody declared, and gives no interval and no quantile.
 */
export function rawSql({ quality, divergence, errors, cost }: GatesConfig): string {
  const keep = 1 - quality.relative
  const scale = 0.008
  const latency = (ours: string, theirs: string) =>
    `toFloat64(ifNull(${ours}, inf) <= 1800) - toFloat64(greatest(1.2 * ${theirs}, ${theirs} + 200) <= 1800)`
  const gates: [y: string, low: number, high: number][] = [
    [`quality - ${keep} * control_quality`, keep, 1],
    [
      `${1 + divergence.relative} * control_divergence + ${divergence.absolute} - divergence`,
      1 - divergence.absolute,
      1 + divergence.relative + divergence.absolute,
    ],
    [`toFloat64(control_error) - toFloat64(error) + ${errors.absolute}`, 1 - errors.absolute, 1 + errors.absolute],
    [`${errors.ceiling} - toFloat64(error)`, 1 - errors.ceiling, errors.ceiling],
    [latency('ttft_ms', 'control_ttft_ms'), 1, 1],
    [latency('total_ms', 'control_total_ms'), 1, 1],
    [latency('total_ms', 'control_ttft_ms'), 1, 1],
    [`(${1 + cost.relative} * control_cost_usd - ifNull(cost_usd, 0.002)) / ${scale}`, 1, 1 + cost.relative],
    [`${quality.relative} + control_soundness - served_soundness`, keep, 1 + quality.relative],
    [`${quality.relative} - control_soundness + served_soundness`, keep, 1 + quality.relative],
  ]
  const list = `[${bets.join(', ')}]`
  const kelly = (y: string, bound: number, sign: 1 | -1) =>
    `sumForEach(arrayMap(bet -> log1p(bet * (${sign}) * ${y} / ${bound}), ${list}))`
  const units = (groups: string) => `
    SELECT ${groups}, ${gates.map(([y], at) => `avg(${y}) AS y${at}`).join(', ')}
    FROM comparisons
    WHERE outcome != 'not_comparable'
    GROUP BY ${groups}, conversation_id`
  const sums = gates
    .map(([, low, high], at) => `${kelly(`y${at}`, low, 1)} AS go${at}, ${kelly(`y${at}`, high, -1)} AS noGo${at}`)
    .join(', ')
  return `
SELECT arm, '' AS slice, count() AS units, ${sums} FROM (${units('arm')}) GROUP BY arm
UNION ALL
SELECT arm, toString(route) AS slice, count() AS units, ${sums} FROM (${units('arm, route')}) GROUP BY arm, route`
}
