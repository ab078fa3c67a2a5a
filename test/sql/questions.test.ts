import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowsOf } from '../../services/record/rows.ts'
import { openEmbedded } from '../../shared/store/embedded.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { type Store } from '../../shared/store/store.ts'
import { aComparison, aMeasure, anAnswer, anExchange, anObservation } from '../services/record/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-questions-'))
let store: Store

const request = { language: null, hasTools: null, promptTokens: null, tier: null }
const at = (hour: number) => `2026-11-20T${String(hour).padStart(2, '0')}:15:00.000Z`
const pair = (name: string, quality: number, changes: object = {}) =>
  aComparison(name, 'sonnet', {
    measured: aMeasure({ quality, divergence: 1 - quality, costUsd: 0.25, ttftMs: 100 }),
    control: aMeasure({ quality: 0.75, divergence: 0.25, costUsd: 0.5, ttftMs: 200, totalMs: 2000 }),
    ...changes,
  })

before(async () => {
  store = await openEmbedded(folder, 'embedded')
  await migrate(store)
  const pairs = [
    pair('one', 1, { capturedAt: at(9), request: { ...request, promptTokens: 10, language: 'de', hasTools: false } }),
    pair('two', 0.5, {
      capturedAt: at(10),
      request: { ...request, promptTokens: 5_000, language: 'en', hasTools: true },
    }),
    pair('three', 0, {
      capturedAt: at(10),
      route: 'invoice',
      request: { ...request, promptTokens: 20_000, language: 'en', tier: 'gold' },
    }),
  ]
  // Of another candidate for the same exchange, and one that is no pair.
  const others = [
    {
      ...pair('one', 0.2, { capturedAt: at(9) }),
      arm: 'haiku',
      comparisonId: anObservation('one', 'haiku').observationId,
    },
    aComparison('ours', 'sonnet', { outcome: 'not_comparable', measured: null, control: null, capturedAt: at(9) }),
  ]
  for (const row of [...pairs, pairs[0]!, ...others]) {
    await store.insert('comparisons', rowsOf.comparisons(row).comparisons)
  }
  const asked = [
    anObservation('one'),
    anObservation('two', 'sonnet', { costUsd: null }),
    anObservation('three', 'sonnet', { outcome: 'failed', failureKind: 'timeout', answer: null, costUsd: null }),
    anObservation('four', 'sonnet', { outcome: 'not_asked', notAskedReason: 'paused', answer: null, costUsd: null }),
    anObservation('one', 'control', { askedAt: '2026-11-21T00:00:01.000Z', costUsd: 0.5 }),
  ]
  const set = { version: 1 as const, exchange: anExchange(), servedCostUsd: null, observations: asked }
  await store.insert('observations', rowsOf.observations(set).observations)
  const served = [
    anExchange('one'),
    anExchange('one'),
    anExchange('two', {
      served: { ...anExchange().served, answer: anAnswer({ outcome: 'refused', finish: 'length' }) },
    }),
    anExchange('three', { capturedAt: '2026-11-21T10:00:00.000Z' }),
    anExchange('cut', { served: { ...anExchange().served, end: 'client_aborted' } }),
  ]
  for (const row of served) await store.insert('exchanges', rowsOf.exchanges(row).exchanges)
})

after(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

test('slice_report puts a pair into one slice of each dimension that is known, the worst slice first', async () => {
  const rows = await store.query<Record<string, unknown>>(
    "SELECT dimension, slice, toFloat64(pairs) AS pairs, quality_delta FROM slice_report(candidate = 'sonnet', since = '2026-11-01')",
  )
  assert.equal(rows[0]!['quality_delta'], -0.75)
  const of = (dimension: string) =>
    rows
      .filter((row) => row['dimension'] === dimension)
      .map(({ slice, pairs, quality_delta }) => [slice, pairs, quality_delta])
  assert.deepEqual(of('route'), [
    ['invoice', 1, -0.75],
    ['support', 2, 0],
  ])
  assert.deepEqual(of('length'), [
    ['over 16k', 1, -0.75],
    ['4k to 16k', 1, -0.25],
    ['under 1k', 1, 0.25],
  ])
  assert.deepEqual(of('language'), [
    ['en', 2, -0.5],
    ['de', 1, 0.25],
  ])
  assert.deepEqual(of('tier'), [['gold', 1, -0.75]])
  assert.deepEqual(of('hour'), [
    ['10', 2, -0.5],
    ['09', 1, 0.25],
  ])
})

test('time_series has a row for each hour, candidate and control side by side', async () => {
  const rows = await store.query(
    `SELECT toHour(hour) AS at, toFloat64(pairs) AS pairs, mean_quality, mean_control_quality, total_cost_usd, total_control_cost_usd,
       ttft_p50_ms, control_ttft_p50_ms
     FROM time_series(candidate = 'sonnet', since = '2026-11-01')`,
  )
  const common = { mean_control_quality: 0.75, ttft_p50_ms: 100, control_ttft_p50_ms: 200 }
  assert.deepEqual(rows, [
    { at: 9, pairs: 1, mean_quality: 1, total_cost_usd: 0.25, total_control_cost_usd: 0.5, ...common },
    { at: 10, pairs: 2, mean_quality: 0.25, total_cost_usd: 0.5, total_control_cost_usd: 1, ...common },
  ])
})

test('spend counts by day and arm what was asked and what it cost, and tells what has no price', async () => {
  const rows = await store.query(
    `SELECT toString(day) AS day, arm, toFloat64(calls) AS calls, toFloat64(failed) AS failed, toFloat64(not_asked) AS not_asked,
       total_cost_usd, toFloat64(unpriced) AS unpriced
     FROM spend(since = '2026-11-01')`,
  )
  assert.deepEqual(rows, [
    { day: '2026-11-20', arm: 'sonnet', calls: 3, failed: 1, not_asked: 1, total_cost_usd: 0.002, unpriced: 1 },
    { day: '2026-11-21', arm: 'control', calls: 1, failed: 0, not_asked: 0, total_cost_usd: 0.5, unpriced: 0 },
  ])
})

test('noise_floor counts an exchange once, however many candidates were asked about it', async () => {
  const rows = await store.query(
    "SELECT route, toFloat64(exchanges) AS exchanges, mean_quality, mean_divergence FROM noise_floor(since = '2026-11-01')",
  )
  const measured = { mean_quality: 0.75, mean_divergence: 0.25 }
  assert.deepEqual(rows, [
    { route: '*', exchanges: 3, ...measured },
    { route: 'invoice', exchanges: 1, ...measured },
    { route: 'support', exchanges: 2, ...measured },
  ])
})

test('served_drift shows the served model by day and version, whole answers only', async () => {
  const rows = await store.query(
    `SELECT toString(day) AS day, served_model, toFloat64(answers) AS answers, refused_share, cut_share
     FROM served_drift(since = '2026-11-01')`,
  )
  const served_model = 'gpt-4o-2026-08-06'
  assert.deepEqual(rows, [
    { day: '2026-11-20', served_model, answers: 2, refused_share: 0.5, cut_share: 0.5 },
    { day: '2026-11-21', served_model, answers: 1, refused_share: 0, cut_share: 0 },
  ])
})

test('no question fails on a store that holds nothing of its time', async () => {
  for (const view of ['slice_report', 'time_series'])
    assert.deepEqual(await store.query(`SELECT * FROM ${view}(candidate = 'nobody', since = '2027-01-01')`), [])
  for (const view of ['spend', 'noise_floor', 'served_drift'])
    assert.deepEqual(await store.query(`SELECT * FROM ${view}(since = '2027-01-01')`), [])
})
