import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { afterErasure } from '../../services/cli/erase/after-erasure.ts'
import { settleDays } from '../../services/record/settle-days.ts'
import { type PairRow } from '../../services/report/pairs.ts'
import { comparisonRow } from '../support/comparison-rows.ts'
import { migratedStore } from '../support/migrated-store.ts'
import { candidateArm } from '../support/pair-rows.ts'
import { randomTraffic, trafficStartMs } from '../support/random-traffic.ts'

type Row = Record<string, unknown>

const store = await migratedStore()
const hours = 40
const traffic = randomTraffic(11, 600, hours)
const numbers = new Map(traffic.map(({ exchangeId }, index) => [exchangeId, index]))
const later = new Date(trafficStartMs + 30 * 86_400_000)
const begin = '2020-01-01'
const midday = new Date(trafficStartMs + 20 * 3_600_000 + 1_234).toISOString()

const rowsAs = (arm: string, rows: readonly PairRow[]): Row[] =>
  rows
    .map((row) => ({ row, index: numbers.get(row.exchangeId)! }))
    .map(({ row, index }) => ({
      ...(comparisonRow(row, arm) as Row),
      comparison_id: row.exchangeId.replace(/^0{8}/, arm === 'small' ? '0000000a' : '0000000b'),
      finding: ['same', 'harmless', 'harmful', ''][index % 4],
      control_finding: ['same', 'same', 'unsure'][index % 3],
      tier: ['', 'gold'][index % 2],
      has_tools: [null, true, false][index % 3],
      prompt_tokens: [10, 2_000, 5_000, 20_000][index % 4],
      judge_version: ['', 'v1', 'v2'][index % 3],
      judge_state: ['', 'decided', 'inconsistent', 'decided', 'error'][index % 5],
      judge_reason: ['', 'timeout', '', 'unparsable'][index % 4],
      judge_served_first: [null, 1, 0.5][index % 3],
      judge_arm_first: [0, 1, null, 0.5][index % 4],
      judge_cut: index % 2 === 0,
      judge_cost_usd: [null, 0.25][index % 2],
      ladder_quality: 0.5,
      scores: index % 3 === 0 ? { json_fields: 1 } : { tool_f1: 0.5 },
      control_scores: index % 5 === 0 ? {} : { json_fields: 1 },
      paths: [[], ['/total'], ['/total', '/lines/*/price'], ['']][index % 4],
      control_paths: [[], ['/lines/*/price'], []][index % 3],
    }))
/** Asked at once, the next day, or long before it was captured, as a clock may say. */
const askedAtMs = (row: PairRow, index: number) =>
  row.capturedAtMs + [1_000, 86_400_000, 1_000, 1_000, -40 * 86_400_000][index % 5]!
const callsOf = (rows: readonly PairRow[]): Row[] =>
  rows.map((row, index) => ({
    observation_id: row.exchangeId,
    exchange_id: row.exchangeId,
    arm: ['small', 'other', 'control'][index % 3],
    captured_at: new Date(row.capturedAtMs).toISOString(),
    asked_at: new Date(askedAtMs(row, index)).toISOString(),
    provider: 'openai',
    model: ['small-1', 'small-2'][index % 2],
    outcome: ['answered', 'failed', 'not_asked', 'answered'][index % 4],
    input_tokens: [10, null, 30][index % 3],
    output_tokens: null,
    cost_usd: [0.5, null][index % 2],
  }))
const exchangesOf = (rows: readonly PairRow[]): Row[] =>
  rows.map((row, index) => ({
    exchange_id: row.exchangeId,
    captured_at: new Date(row.capturedAtMs).toISOString(),
    route: ['support', 'invoice'][index % 2],
    request_model: 'large',
    served_model: ['large-1', 'large-2'][index % 3],
    wire_end: index % 7 === 0 ? 'client_aborted' : 'complete',
    status: [200, 500, null][index % 3],
    answer_outcome: ['answered', 'refused'][index % 2],
    finish: ['stop', 'length'][index % 2],
    output_tokens: index,
    total_ms: index,
  }))
const oldSettings = (rows: Row[]) => rows.map((row) => ({ ...row, arm_fingerprint: 'older' }))

/** Observations, exchanges, and two candidates that share the control's answers, one of which had other settings before; 200 rows have come twice. */
beforeEach(async () => {
  for (const table of [
    'comparisons',
    'observations',
    'exchanges',
    'comparison_arrivals',
    'day_arrivals',
    'day_sums',
    'arm_settings',
  ])
    await store.command(`TRUNCATE TABLE ${table}`)
  const small = rowsAs('small', traffic)
  await store.insert('comparisons', [...oldSettings(small.slice(0, 250)), ...small.slice(250)])
  await store.insert('comparisons', small.slice(400, 500))
  await store.insert('comparisons', rowsAs('other', traffic.slice(100)))
  for (const rows of [traffic, traffic.slice(0, 50)]) {
    await store.insert('observations', callsOf(rows))
    await store.insert('exchanges', exchangesOf(rows))
  }
})

const ofAll = ['noise_floor', 'spend', 'served_drift']
const views = [
  'equivalence_summary',
  'slice_report',
  'time_series',
  'latency_delta',
  'cost_delta',
  'judge_summary',
  'json_path_differences',
  ...ofAll,
]
const emptyRows = async () => {
  for (const table of ['comparisons', 'observations', 'exchanges']) await store.command(`TRUNCATE TABLE ${table}`)
}

async function answers(since: string, from: readonly string[] = views): Promise<Record<string, Row[]>> {
  const asked = from.map(async (view) => {
    const candidate = ofAll.includes(view) ? '' : "candidate = 'small', "
    const rows = await store.query<Row>(`SELECT * FROM ${view}(${candidate}since = '${since}')`)
    return [view, rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))] as const
  })
  return Object.fromEntries(await Promise.all(asked))
}

const keyOf = (row: Row) =>
  JSON.stringify(
    [
      'dimension',
      'slice',
      'hour',
      'route',
      'judge_version',
      'path',
      'day',
      'arm',
      'provider',
      'model',
      'served_model',
    ].map((name) => row[name]),
  )

/** Counts are equal, averages to the ninth digit, quantiles within 1 % of their value, differences of two within 1 % of either. */
function same(actual: Record<string, Row[]>, expected: Record<string, Row[]>): void {
  for (const view of views) {
    equal(actual[view]!.length, expected[view]!.length, view)
    for (const [index, row] of expected[view]!.entries()) {
      const got = actual[view]![index]!
      deepEqual(Object.keys(got), Object.keys(row))
      for (const [name, value] of Object.entries(row)) {
        const about = `${view} ${keyOf(row)} ${name}: ${String(got[name])} instead of ${String(value)}`
        if (typeof value !== 'number' || Number.isInteger(value)) {
          if (!/_p\d\d_/.test(`${name}_`)) deepEqual(got[name], value, about)
          continue
        }
        const [, of] = /^(.*)_delta_ms$/.exec(name) ?? []
        const size = /_p\d\d$/.test(of ?? '')
          ? Number(row[`${of}_ms`]) + Number(row[`control_${of}_ms`])
          : Math.abs(value)
        const isQuantile = view !== 'time_series' && view !== 'served_drift' && /_p\d\d/.test(name)
        ok(Math.abs(Number(got[name]) - value) <= (isQuantile ? 0.01 : 1e-9) * Math.max(size, 1e-9) + 1e-12, about)
      }
    }
  }
}

const settle = (leastRows = 1) => settleDays(store, later, { leastRows })

test('every view answers the same from rows, from settled days, and from settled days and the rest of one', async () => {
  const [whole, part] = [await answers(begin), await answers(midday)]
  ok(views.every((view) => whole[view]!.length > (view === 'equivalence_summary' ? 0 : 1)))
  ok(whole['time_series']!.length > 20)
  for (const view of views) notDeepEqual(part[view], whole[view], view)
  // As two processes do it.
  deepEqual(await Promise.all([settle(), settle()]), [15, 15])
  same(await answers(begin), whole)
  same(await answers(midday), part)
  // Which says nothing to the arrivals: settled days are read without a row of theirs.
  await emptyRows()
  same(await answers(begin), whole)
})

test('quantiles of few rows are those of quantileExact', async () => {
  const [exact] = await store.query<Row>(
    `SELECT quantileExact(0.5)(ttft_ms) AS p50, quantileExact(0.95)(total_ms) AS p95 FROM comparisons_unique
     WHERE arm = 'small' AND arm_fingerprint = '${candidateArm.fingerprint}' AND outcome != 'not_comparable'`,
  )
  const [{ ttft_p50_ms, total_p95_ms } = {}] = (await answers(begin, ['equivalence_summary']))['equivalence_summary']!
  deepEqual([ttft_p50_ms, total_p95_ms], [exact!['p50'], exact!['p95']])
})

test('a row that comes late or again is counted at once, and its day is settled anew', async () => {
  await settle()
  equal(await settle(), 0)
  const settledOnce = await answers(begin)
  const again = rowsAs('small', traffic.slice(300, 301)).map((row) => ({
    ...row,
    compared_at: later.toISOString(),
    tier: 'platinum',
    quality: 0.123,
  }))
  await store.insert('comparisons', again)
  const fromRows = await answers(begin)
  notDeepEqual(fromRows['equivalence_summary'], settledOnce['equivalence_summary'])
  ok(fromRows['slice_report']!.some(({ slice }) => slice === 'platinum'))

  // The day of the candidate, and that of the noise.
  equal(await settle(), 2)
  same(await answers(begin), fromRows)
  await emptyRows()
  same(await answers(begin), fromRows)
})

test('a slice that a day no longer has is not told from the version of the day that had it', async () => {
  const lonely = rowsAs('small', traffic.slice(300, 301)).map((row) => ({ ...row, task: 'lonely' }))
  await store.insert('comparisons', lonely)
  const hasLonely = async () =>
    (await answers(begin, ['slice_report']))['slice_report']!.some(({ slice }) => slice === 'lonely')
  ok(await hasLonely())
  await settle()
  ok(await hasLonely())
  await store.insert(
    'comparisons',
    lonely.map((row) => ({ ...row, task: 'text', compared_at: later.toISOString() })),
  )
  ok(!(await hasLonely()))
  await settle()
  ok(!(await hasLonely()))
})

test('what is left of a day after an erasure is what the views tell, before it is settled again and after', async () => {
  await settle()
  const { conversationId, capturedAtMs } = traffic[500]!
  await store.command(
    `ALTER TABLE comparisons DELETE WHERE conversation_id = '${conversationId}' SETTINGS mutations_sync = 2`,
  )
  const erased = traffic.filter((row) => row.conversationId === conversationId).map((row) => `'${row.exchangeId}'`)
  for (const table of ['observations', 'exchanges'])
    await store.command(
      `ALTER TABLE ${table} DELETE WHERE exchange_id IN (${erased.join(', ')}) SETTINGS mutations_sync = 2`,
    )
  await afterErasure(store, { from: new Date(capturedAtMs), until: new Date(trafficStartMs + hours * 3_600_000) })
  const fromRows = await answers(begin)
  equal(
    fromRows['spend']!.reduce((sum, { calls, not_asked }) => sum + Number(calls) + Number(not_asked), 0),
    traffic.length - erased.length,
  )
  equal(
    fromRows['equivalence_summary']![0]!['exchanges'],
    traffic
      .slice(250)
      .filter((row) => row.conversationId !== conversationId && row.armFingerprint === candidateArm.fingerprint).length,
  )
  ok((await settle()) > 0)
  same(await answers(begin), fromRows)
})

test('only past days with enough rows are settled', async () => {
  equal(await settleDays(store, later, { leastRows: 1_000_000 }), 0)
  equal(await settleDays(store, new Date(trafficStartMs), { leastRows: 1 }), 0)
  const stopped = AbortSignal.abort()
  equal(await settleDays(store, later, { leastRows: 1, signal: stopped }), 0)
})

test('the newest settings count, also where a day of the older ones is settled later', async () => {
  await settle()
  const [before] = (await answers(begin, ['equivalence_summary']))['equivalence_summary']!
  equal(before!['fingerprint'], candidateArm.fingerprint)
  const one = { ...rowsAs('small', traffic.slice(-1))[0]!, exchange_id: '00000000-0000-7000-8000-ffffffffffff' }
  await store.insert('comparisons', [
    { ...one, comparison_id: one.exchange_id, arm_fingerprint: 'newer', asked_at: later.toISOString() },
  ])
  const newest = async () =>
    (await answers(begin, ['equivalence_summary']))['equivalence_summary']!.map((row) => [
      row['fingerprint'],
      row['exchanges'],
    ])
  deepEqual(await newest(), [['newer', 1]])
  await settle()
  deepEqual(await newest(), [['newer', 1]])
})

test('once all that was asked with the newest settings is erased, those before count', async () => {
  const settings = async () =>
    (await answers(begin, ['equivalence_summary']))['equivalence_summary']!.map((row) => row['fingerprint'])
  deepEqual(await settings(), [candidateArm.fingerprint])
  await store.command(
    `ALTER TABLE comparisons DELETE WHERE arm_fingerprint = '${candidateArm.fingerprint}' SETTINGS mutations_sync = 2`,
  )
  await afterErasure(store, { from: new Date(trafficStartMs), until: new Date(trafficStartMs + hours * 3_600_000) })
  deepEqual(await settings(), ['older'])
})
