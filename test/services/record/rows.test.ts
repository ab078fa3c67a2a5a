import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowsOf } from '../../../services/record/rows.ts'
import {
  aComparison,
  aDeadLetter,
  aLedgerEntry,
  anAnswer,
  anExchange,
  anObservation,
  exchangeIdOf,
  observationIdOf,
} from './samples.ts'
import { migratedStore } from '../../support/migrated-store.ts'

const store = await migratedStore()

async function stored(tables: Record<string, object[]>, table: string): Promise<Record<string, unknown>> {
  for (const [name, rows] of Object.entries(tables)) await store.insert(name, rows)
  const [row] = await store.query<Record<string, unknown>>(`SELECT * FROM ${table}`)
  for (const name of Object.keys(tables)) await store.command(`TRUNCATE TABLE ${name}`)
  const { stored_at: _, ...rest } = row!
  return rest
}

test('an exchange becomes a row of numbers and a row of text, bytes kept as they were', async () => {
  const rows = rowsOf.exchanges(anExchange())

  assert.deepEqual(await stored({ exchanges: rows.exchanges }, 'exchanges'), {
    exchange_id: exchangeIdOf('a'),
    captured_at: '2026-11-20 10:15:00.123',
    source: 'tap',
    upstream: 'openai',
    route: 'support',
    task: '',
    conversation_id: 'conversation-a',
    tenant_id: 'tenant-a',
    sample_probability: 0.5,
    capture_mode: 'redacted',
    dialect: 'openai-chat',
    method: 'POST',
    path: '/v1/chat/completions',
    request_model: 'gpt-4o',
    streamed: true,
    request_bytes: 43,
    wire_end: 'complete',
    status: 200,
    answer_bytes: 2,
    chunks: 2,
    ttft_ms: 210.5,
    total_ms: 900,
    served_model: 'gpt-4o-2026-08-06',
    answer_outcome: 'ok',
    finish: 'stop',
    input_tokens: 120,
    cached_input_tokens: 20,
    output_tokens: 8,
    reasoning_tokens: null,
    anomalies: ['usage_repeated'],
    error_type: '',
  })
  assert.deepEqual(await stored({ exchange_bodies: rows.exchange_bodies }, 'exchange_bodies'), {
    exchange_id: exchangeIdOf('a'),
    captured_at: '2026-11-20 10:15:00.123',
    request_headers: { 'content-type': 'application/json' },
    request_body: '{"model":"gpt-4o","n":12345678901234567890}',
    request_encoding: 'utf8',
    request_sha256: 'ab',
    request_truncated: false,
    answer_headers: {},
    answer_body: 'AP8=',
    answer_encoding: 'base64',
    answer_sha256: 'cd',
    answer_truncated: true,
    answer: JSON.stringify(anAnswer()),
    chunk_offsets_ms: [210.5, 230],
    chunk_sizes_bytes: [100, 80],
  })
})

test('what was not kept or not understood is empty, never made up', async () => {
  const { request, served } = anExchange()
  const gone = { encoding: 'utf8', data: null, sizeBytes: 9, sha256: null, truncated: false } as const
  const rows = rowsOf.exchanges(
    anExchange('a', {
      request: { ...request, model: null, body: gone },
      served: { ...served, status: null, ttftMs: null, totalMs: null, answer: null, body: gone, end: 'unreachable' },
    }),
  )

  const numbers = await stored({ exchanges: rows.exchanges }, 'exchanges')
  const { served_model, answer_outcome, output_tokens, status, ttft_ms, request_bytes } = numbers
  assert.deepEqual(
    [served_model, answer_outcome, output_tokens, status, ttft_ms, request_bytes],
    ['', '', null, null, null, 9],
  )
  const text = await stored({ exchange_bodies: rows.exchange_bodies }, 'exchange_bodies')
  assert.deepEqual([text['request_body'], text['answer_body'], text['answer']], [null, null, ''])
})

test('an observation becomes a row with its reason, its losses and the time of its exchange', async () => {
  const failed = anObservation('a', 'sonnet', {
    outcome: 'failed',
    failureKind: 'timeout',
    answer: null,
    costUsd: null,
    connectMs: 3.5,
  })
  const rows = rowsOf.observations({ version: 1, exchange: anExchange(), servedCostUsd: null, observations: [failed] })

  const row = await stored({ observations: rows.observations }, 'observations')
  assert.deepEqual(
    [row['observation_id'], row['captured_at'], row['outcome'], row['reason'], row['losses'], row['material_losses']],
    [
      observationIdOf('a', 'sonnet'),
      '2026-11-20 10:15:00.123',
      'failed',
      'timeout',
      ['seed', 'logit_bias'],
      ['logit_bias'],
    ],
  )
  assert.deepEqual(
    [row['cost_usd'], row['output_tokens'], row['waited_ms'], row['connect_ms']],
    [null, null, 12.5, 3.5],
  )
  const body = await stored({ observation_bodies: rows.observation_bodies }, 'observation_bodies')
  assert.deepEqual([body['answer'], JSON.parse(String(body['losses']))], ['', failed.losses])
})

test('a comparison becomes one wide row with the control beside the arm', async () => {
  const row = await stored(rowsOf.comparisons(aComparison()), 'comparisons')

  assert.deepEqual(row, {
    comparison_id: observationIdOf('a', 'sonnet'),
    exchange_id: exchangeIdOf('a'),
    arm: 'sonnet',
    arm_fingerprint: 'sonnet-1',
    captured_at: '2026-11-20 10:15:00.123',
    asked_at: '2026-11-20 10:15:05.000',
    compared_at: '2026-11-20 10:15:05.000',
    route: 'support',
    upstream: 'openai',
    conversation_id: 'conversation-a',
    sample_probability: 0.5,
    task: 'text',
    language: 'de',
    has_tools: false,
    prompt_tokens: 120,
    tier: 'gold',
    prompt_id: 'c0ffee000001',
    streamed: true,
    served_model: 'gpt-4o-2026-08-06',
    arm_model: 'claude-sonnet-5',
    outcome: 'equivalent',
    reason: '',
    decided_by: 'text',
    judge_version: 'v1',
    judge_state: 'inconsistent',
    judge_reason: '',
    judge_served_first: 0,
    judge_arm_first: 1,
    judge_cut: true,
    judge_length_ratio: 1.25,
    judge_cost_usd: 0.003,
    ladder_quality: 0.9,
    control_judge_version: 'v1',
    control_judge_state: 'decided',
    control_judge_served_first: 0.5,
    control_judge_arm_first: 0.5,
    control_judge_cost_usd: null,
    control_ladder_quality: 1,
    served_soundness: 1,
    served_ttft_ms: 210.5,
    served_total_ms: 900,
    served_output_tokens: 8,
    served_cost_usd: 0.001,
    error: false,
    quality: 0.9,
    divergence: 0.2,
    soundness: 1,
    ttft_ms: 300,
    total_ms: 1000,
    output_tokens: 10,
    cost_usd: 0.002,
    control_error: false,
    control_quality: 0.95,
    control_divergence: 0.1,
    control_soundness: 1,
    control_ttft_ms: 200,
    control_total_ms: 800,
    control_output_tokens: 10,
    control_cost_usd: 0.001,
    control_fingerprint: 'control-1',
    finding: 'harmful',
    kinds: ['facts:amount'],
    paths: ['/lines/*/price'],
    label: '',
    control_finding: 'unsure',
    control_decided_by: 'text',
    control_kinds: [],
    control_paths: [],
    control_label: '',
    control_scores: { rouge: 0.8 },
    served_label: '',
    served_scores: { schema_kept: 1 },
    scores: { rouge: 0.7 },
    differences: JSON.stringify(aComparison().differences),
    served_excerpt: 'Es kostet 5 €',
    arm_excerpt: 'Es kostet 6 €',
    losses: ['seed'],
    scorer_version: '1+3f2a91bc',
    waived: ['a1b2c3d4'],
    not_scored: { tone: 'threw TypeError' },
    scored_chars: null,
  })
})

test('a comparison without measures or control has nulls, and a count of tokens no provider could mean is unknown', async () => {
  const served = { ...aComparison().served, outputTokens: 2 ** 33 }
  const bare = aComparison('a', 'control', {
    measured: null,
    control: null,
    controlFingerprint: null,
    found: null,
    controlFound: null,
    servedModel: null,
    served,
    judge: null,
    controlJudge: null,
  })
  const row = await stored(rowsOf.comparisons(bare), 'comparisons')

  assert.deepEqual(
    [
      row['quality'],
      row['error'],
      row['control_quality'],
      row['control_error'],
      row['control_fingerprint'],
      row['finding'],
      row['control_finding'],
      row['served_output_tokens'],
      row['judge_state'],
      row['ladder_quality'],
    ],
    [null, null, null, null, '', '', '', null, '', null],
  )
})

test('a text cut in the middle of an emoji is stored all the same', async () => {
  const row = await stored(rowsOf.comparisons(aComparison('a', 'sonnet', { armExcerpt: 'gut \ud83d' })), 'comparisons')

  assert.equal(row['arm_excerpt'], 'gut \ufffd')
})

test('a dead letter keeps the record as it was and names the exchange where that can be read', async () => {
  const row = await stored(rowsOf['dead-letters'](aDeadLetter()), 'dead_letters')
  assert.deepEqual(
    [
      row['consumer_group'],
      row['topic'],
      row['partition'],
      row['offset'],
      row['value_base64'],
      row['resent_at'],
      row['exchange_id'],
    ],
    ['replay', 'exchanges', 3, '17', aDeadLetter().valueBase64, null, exchangeIdOf('a')],
  )

  const set = Buffer.from(JSON.stringify({ exchange: { exchangeId: exchangeIdOf('b') } })).toString('base64')
  const nested = rowsOf['dead-letters'](aDeadLetter('b', { topic: 'observations', valueBase64: set }))
  assert.equal((await stored(nested, 'dead_letters'))['exchange_id'], exchangeIdOf('b'))
  for (const text of ['', '{"cut', '[]', 'null', '{"exchangeId":"none"}', '{"exchangeId":{}}']) {
    const unreadable = aDeadLetter('c', { valueBase64: Buffer.from(text).toString('base64') })
    assert.equal((await stored(rowsOf['dead-letters'](unreadable), 'dead_letters'))['exchange_id'], null)
  }
})

test('a ledger entry becomes a row', async () => {
  const row = await stored(
    rowsOf.ledger(aLedgerEntry('x', { outcome: 'dropped', reason: 'queue_full', count: 7 })),
    'ledger',
  )

  assert.deepEqual(
    [row['hour'], row['stage'], row['outcome'], row['reason'], row['count']],
    ['2026-11-20 10:00:00.000', 'tap', 'dropped', 'queue_full', 7],
  )
})
