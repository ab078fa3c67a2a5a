import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { rowsOf } from '../../services/record/rows.ts'
import { silentLogger as logger } from '../../shared/logger.ts'
import { openEmbedded } from '../../shared/store/embedded.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { serveStore } from '../../shared/store/read-only-http.ts'
import { type Store } from '../../shared/store/store.ts'
import { type Judgement } from '../../shared/contracts/comparison.ts'
import { aComparison, aJudgement, aMeasure, anExchange, exchangeIdOf } from '../services/record/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-views-'))
let store: Store
let served: Awaited<ReturnType<typeof serveStore>>
let client: ClickHouseClient

const control = aMeasure({ quality: 0.95, divergence: 0.1, ttftMs: 200, totalMs: 800, costUsd: 0.001 })
const failed = aMeasure({
  error: true,
  quality: 0,
  divergence: 1,
  soundness: 0,
  ttftMs: null,
  totalMs: null,
  outputTokens: null,
  costUsd: null,
})

/** Five exchanges of candidate `sonnet` on two routes, one more with older settings, and what another arm did. */
const comparisons = [
  aComparison('same', 'sonnet', {
    measured: aMeasure({ quality: 1, divergence: 0, ttftMs: 250, totalMs: 900 }),
    control,
  }),
  aComparison('other', 'sonnet', {
    outcome: 'different',
    decidedBy: 'facts',
    route: 'invoice',
    measured: aMeasure({ quality: 0.5, divergence: 0.5, ttftMs: 350, totalMs: 1300, costUsd: 0.003 }),
    control,
  }),
  aComparison('unpriced', 'sonnet', {
    measured: aMeasure({ quality: 0.9, divergence: 0.2, ttftMs: 300, totalMs: 1100, costUsd: null }),
    control: { ...control, quality: 0.6 },
    losses: [],
  }),
  aComparison('down', 'sonnet', {
    outcome: 'failed',
    reason: 'timeout',
    decidedBy: 'status',
    measured: failed,
    control,
  }),
  aComparison('ours', 'sonnet', {
    outcome: 'not_comparable',
    reason: 'not_asked:budget_reached',
    measured: null,
    control: null,
  }),
  aComparison('before', 'sonnet', {
    armFingerprint: 'sonnet-0',
    comparedAt: '2026-11-19T00:00:00.000Z',
    outcome: 'different',
  }),
  aComparison('same', 'haiku'),
]

before(async () => {
  store = await openEmbedded(folder, 'embedded')
  await migrate(store)
  await store.insert(
    'comparisons',
    comparisons.flatMap((row) => rowsOf.comparisons(row).comparisons),
  )
  // Delivered again: once as it was, and once compared anew.
  await store.insert('comparisons', rowsOf.comparisons(comparisons[1]!).comparisons)
  const outdated = { ...comparisons[0]!, comparedAt: '2026-11-20T10:15:04.000Z', outcome: 'different' as const }
  await store.insert('comparisons', rowsOf.comparisons(outdated).comparisons)
  served = await serveStore(store, { listen: '127.0.0.1:0', logger })
  client = createClient({ url: served.url })
})

after(async () => {
  await client.close()
  await served.stop()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a comparison delivered again is one row, the newest', async () => {
  assert.deepEqual(await store.query('SELECT count() AS all FROM comparisons'), [{ all: 9 }])
  assert.deepEqual(
    await store.query(
      `SELECT count() AS once, countIf(exchange_id = {same:UUID} AND outcome = 'equivalent') AS newest
       FROM comparisons_unique WHERE arm = 'sonnet' AND captured_at >= '2026-11-01'`,
      { same: exchangeIdOf('same') },
    ),
    [{ once: 6, newest: 1 }],
  )
})

test('an exchange delivered again is one row, the newest', async () => {
  await store.insert('exchanges', rowsOf.exchanges(anExchange('a')).exchanges)
  await store.insert('exchanges', [
    ...rowsOf.exchanges(anExchange('a')).exchanges,
    ...rowsOf.exchanges(anExchange('b')).exchanges,
  ])

  assert.deepEqual(await store.query('SELECT count() AS n FROM exchanges_unique'), [{ n: 2 }])
  await store.command('TRUNCATE TABLE exchanges')
})

test('a filter on arm and time reaches the index behind comparisons_unique', async () => {
  const plan = await store.queryText(
    "EXPLAIN indexes = 1 SELECT avg(quality) FROM comparisons_unique WHERE arm = 'sonnet' AND captured_at >= '2026-11-02'",
    'TSVRaw',
  )

  assert.match(plan, /Condition: .*captured_at.*arm/s)
})

test('diff_report lists the compared exchanges of the newest settings, worst against the control first', async () => {
  const rows = await store.query<Record<string, unknown>>(
    `SELECT exchange_id, outcome, round(quality_delta, 4) AS quality_delta, total_delta_ms, round(cost_delta_usd, 6) AS cost,
       control_divergence, JSONExtractString(differences, 1, 'message') AS first_difference, arm_excerpt
     FROM diff_report(candidate = {candidate:String}, since = {since:String})`,
    { candidate: 'sonnet', since: '2026-11-01' },
  )

  assert.deepEqual(
    rows.map((row) => row['exchange_id']),
    ['down', 'other', 'same', 'unpriced'].map(exchangeIdOf),
  )
  assert.deepEqual(rows[0], {
    exchange_id: exchangeIdOf('down'),
    outcome: 'failed',
    quality_delta: -0.95,
    total_delta_ms: null,
    cost: null,
    control_divergence: 0.1,
    first_difference: 'another number',
    arm_excerpt: 'Es kostet 6 €',
  })
  assert.deepEqual([rows[1]!['quality_delta'], rows[1]!['total_delta_ms'], rows[1]!['cost']], [-0.45, 500, 0.002])
})

const since = async (text: string): Promise<number> =>
  (await store.query(`SELECT * FROM diff_report(candidate='sonnet', since=${text})`)).length

test('since is any time people write, and leaves out what was captured before', async () => {
  assert.equal(await since("'2026-11-01'"), 4)
  assert.equal(await since("'2026-11-20T10:15:00.123Z'"), 4)
  assert.equal(await since("'2026-11-20T10:15:00.124Z'"), 0)
  assert.equal(await since("'2026-11-20T12:15:00+02:00'"), 4)
  assert.equal(await since("toDateTime('2026-11-21 00:00:00', 'UTC') - INTERVAL 1 DAY"), 4)
})

function near(actual: unknown, expected: number): void {
  assert.ok(Math.abs(Number(actual) - expected) < 1e-9, String(actual))
}

test('equivalence_summary counts outcomes and stands candidate and control side by side', async () => {
  const [row] = await store.query<Record<string, unknown>>(
    "SELECT * FROM equivalence_summary(candidate='sonnet', since='2026-11-01')",
  )
  const { equivalent_share, mean_quality, mean_control_quality, mean_divergence, mean_cost_usd, ...rest } = row!

  assert.deepEqual(rest, {
    candidate: 'sonnet',
    fingerprint: 'sonnet-1',
    model: 'claude-sonnet-5',
    first_captured_at: '2026-11-20 10:15:00.123',
    last_captured_at: '2026-11-20 10:15:00.123',
    exchanges: 5,
    conversations: 4,
    compared: 4,
    equivalent: 2,
    different: 1,
    failed: 1,
    not_comparable: 1,
    with_losses: 3,
    without_control: 0,
    same_share: 0,
    harmless_share: 0,
    unsure_share: 0,
    harmful_share: 1,
    control_unsure_share: 1,
    control_harmful_share: 0,
    mean_control_divergence: 0.1,
    error_rate: 0.25,
    control_error_rate: 0,
    ttft_p50_ms: 300,
    control_ttft_p50_ms: 200,
    ttft_p95_ms: 350,
    control_ttft_p95_ms: 200,
    total_p50_ms: 1100,
    control_total_p50_ms: 800,
    total_p95_ms: 1300,
    control_total_p95_ms: 800,
    mean_control_cost_usd: 0.001,
    unpriced: 1,
  })
  near(equivalent_share, 0.5)
  near(mean_quality, (1 + 0.5 + 0.9 + 0) / 4)
  near(mean_control_quality, (0.95 * 3 + 0.6) / 4)
  near(mean_divergence, (0 + 0.5 + 0.2 + 1) / 4)
  near(mean_cost_usd, (0.002 + 0.003) / 2)
})

test('a candidate that is not known has a summary of nothing, not of zeros', async () => {
  const [row] = await store.query<Record<string, unknown>>(
    "SELECT exchanges, mean_quality, error_rate, ttft_p95_ms, mean_cost_usd FROM equivalence_summary(candidate='nobody', since='2026-11-01')",
  )

  assert.deepEqual(row, { exchanges: 0, mean_quality: null, error_rate: null, ttft_p95_ms: null, mean_cost_usd: null })
})

test('worst_differences tells the worst in words', async () => {
  const rows = await store.query(
    "SELECT exchange_id, outcome, what FROM worst_differences(candidate='sonnet', since='2026-11-01', n=2)",
  )

  assert.deepEqual(rows, [
    { exchange_id: exchangeIdOf('down'), outcome: 'failed', what: ['facts /price: another number'] },
    { exchange_id: exchangeIdOf('other'), outcome: 'different', what: ['facts /price: another number'] },
  ])
})

test('latency_delta compares only exchanges that both answered, by route and over all', async () => {
  const rows = await store.query(
    `SELECT route, pairs, ttft_p50_ms, control_ttft_p50_ms, ttft_p50_delta_ms, total_p95_delta_ms, mean_total_delta_ms
     FROM latency_delta(candidate='sonnet', since='2026-11-01')`,
  )

  assert.deepEqual(rows, [
    {
      route: '*',
      pairs: 3,
      ttft_p50_ms: 300,
      control_ttft_p50_ms: 200,
      ttft_p50_delta_ms: 100,
      total_p95_delta_ms: 500,
      mean_total_delta_ms: 300,
    },
    {
      route: 'invoice',
      pairs: 1,
      ttft_p50_ms: 350,
      control_ttft_p50_ms: 200,
      ttft_p50_delta_ms: 150,
      total_p95_delta_ms: 500,
      mean_total_delta_ms: 500,
    },
    {
      route: 'support',
      pairs: 2,
      ttft_p50_ms: 300,
      control_ttft_p50_ms: 200,
      ttft_p50_delta_ms: 100,
      total_p95_delta_ms: 300,
      mean_total_delta_ms: 200,
    },
  ])
})

test('cost_delta compares only pairs that both have a price, and counts the others', async () => {
  const rows = await store.query(
    `SELECT route, pairs, unpriced, round(total_delta_usd, 6) AS total_delta_usd, round(cost_ratio, 6) AS cost_ratio
     FROM cost_delta(candidate='sonnet', since='2026-11-01')`,
  )

  assert.deepEqual(rows, [
    { route: '*', pairs: 2, unpriced: 1, total_delta_usd: 0.003, cost_ratio: 2.5 },
    { route: 'invoice', pairs: 1, unpriced: 0, total_delta_usd: 0.002, cost_ratio: 3 },
    { route: 'support', pairs: 1, unpriced: 1, total_delta_usd: 0.001, cost_ratio: 2 },
  ])
})

test('judge_summary says what the judge decided, by route', async () => {
  const judged = (name: string, judge: Partial<Judgement>) =>
    aComparison(name, 'nova', {
      judge: aJudgement({ costUsd: 0.25, ...judge }),
      measured: aMeasure({ quality: judge.servedFirst === 0 ? 0 : 1 }),
    })
  const rows = [
    judged('a', {}),
    judged('b', { servedFirst: 0, armFirst: 0, cut: true }),
    judged('c', { state: 'inconsistent', servedFirst: 0, armFirst: 1 }),
    judged('d', { state: 'error', reason: 'unparsable', servedFirst: null, armFirst: null, costUsd: null }),
    aComparison('e', 'nova', { judge: null, controlJudge: null }),
  ]
  await store.insert(
    'comparisons',
    rows.flatMap((row) => rowsOf.comparisons(row).comparisons),
  )
  assert.deepEqual(await store.query("SELECT * FROM judge_summary(candidate='nova', since='2026-11-01')"), [
    {
      route: 'support',
      judge_version: 'v1',
      pairs: 4,
      decided: 2,
      inconsistent: 1,
      not_judged: 1,
      reasons: ['unparsable'],
      consistency: 2 / 3,
      first_place: 3 / 4,
      mean_quality: 0.5,
      mean_ladder_quality: 1,
      mean_length_ratio: 1.25,
      cut: 1,
      cost_usd: 0.75,
      unpriced: 1,
    },
  ])
})

test('every view is also to be asked over the read-only address', async () => {
  const period = "candidate={candidate:String}, since='2026-11-01'"
  for (const view of [
    `diff_report(${period})`,
    `worst_differences(${period}, n=3)`,
    `equivalence_summary(${period})`,
    `latency_delta(${period})`,
    `cost_delta(${period})`,
    `judge_summary(${period})`,
    'ledger_lines',
    'ledger_balance',
  ]) {
    const query = `SELECT * FROM ${view}`
    const result = await client.query({ query, query_params: { candidate: 'sonnet' }, format: 'JSONEachRow' })
    assert.deepEqual(await result.json(), await store.query(query, { candidate: 'sonnet' }), view)
  }
})

test('json_path_differences has each place with its share of pairs and the control’s, the worst above noise first', async () => {
  const scores = { json_fields: 1 }
  const at = (name: string, paths: string[], controlPaths: string[], more = {}) => {
    const nothing = { finding: 'harmful' as const, kinds: [], label: null }
    return aComparison(name, 'placed', {
      route: 'invoice',
      scores,
      found: { ...nothing, paths },
      controlFound: { ...nothing, paths: controlPaths, decidedBy: 'json', scores },
      ...more,
    })
  }
  const rows = [
    at('1', ['/total', '/lines/*/price'], ['/lines/*/price']),
    at('2', ['/total'], []),
    at('3', [], []),
    at('4', ['create_refund/amount'], [], { route: 'refund', scores: { tool_f1: 0.5 } }),
    at('5', ['/total'], [], { scores: {} }),
  ]
  await store.insert(
    'comparisons',
    rows.flatMap((row) => rowsOf.comparisons(row).comparisons),
  )

  const told = await store.query(
    `SELECT route, path, toFloat64(pairs) AS all, share, control_share
     FROM json_path_differences(candidate='placed', since='2026-11-01')`,
  )

  assert.deepEqual(told, [
    { route: 'refund', path: 'create_refund/amount', all: 1, share: 1, control_share: 0 },
    { route: 'invoice', path: '/total', all: 3, share: 2 / 3, control_share: 0 },
    { route: 'invoice', path: '/lines/*/price', all: 3, share: 1 / 3, control_share: 1 / 3 },
  ])
})

test('equivalence_summary has the shares of what the pairs come to, over those whose finding is recorded', async () => {
  const found = (finding: 'same' | 'unsure') => ({ finding, kinds: [], paths: [], label: null })
  const again = { ...found('same'), decidedBy: 'text', scores: {} }
  const rows = [
    aComparison('1', 'found', { found: found('same'), controlFound: again }),
    aComparison('2', 'found', { found: found('unsure'), controlFound: again }),
    aComparison('3', 'found', { found: null, controlFound: null }),
  ]
  await store.insert(
    'comparisons',
    rows.flatMap((row) => rowsOf.comparisons(row).comparisons),
  )

  assert.deepEqual(
    await store.query(
      `SELECT same_share, unsure_share, harmful_share, control_unsure_share
       FROM equivalence_summary(candidate='found', since='2026-11-01')`,
    ),
    [{ same_share: 0.5, unsure_share: 0.5, harmful_share: 0, control_unsure_share: 0 }],
  )
})
