import { deepEqual, equal, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { factsOf } from '../../../../services/report/facts/facts.ts'
import { type PairRow } from '../../../../services/report/pairs.ts'
import { createReportSource, type ReportSource } from '../../../../services/report/source.ts'
import { CandidateFacts } from '../../../../shared/contracts/report.ts'
import { deterministicUuid } from '../../../../shared/ids.ts'
import { clusteredMean } from '../../../../shared/statistics/clustered-mean.ts'
import { quantileInterval } from '../../../../shared/statistics/quantile-interval.ts'
import { quantile } from '../../../../shared/statistics/quantile.ts'
import { openEmbedded } from '../../../../shared/store/embedded.ts'
import { migrate } from '../../../../shared/store/migrations.ts'
import { type Store } from '../../../../shared/store/store.ts'
import { comparisonRow } from '../../../support/comparison-rows.ts'
import {
  aPairRow,
  candidateArm,
  candidateFailed,
  controlArm,
  controlFailed,
  gates,
  traffic,
  withoutControl,
  dayMs,
} from '../../../support/pair-rows.ts'
import { closeTo } from '../../../support/statistics.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-facts-'))
let store: Store
let source: ReportSource

before(async () => {
  store = await openEmbedded(folder, 'embedded')
  await migrate(store)
  source = createReportSource(store)
})

after(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

type Extra = { promptId?: string; migrationEffortUsd?: number; controlFingerprint?: string | null }

async function factsOn(arm: string, rows: PairRow[], extra: Extra = {}): Promise<CandidateFacts> {
  const own = rows.map((row) => ({ ...row, exchangeId: deterministicUuid(arm, row.exchangeId) }))
  await store.insert(
    'comparisons',
    own.map((row) => ({ ...comparisonRow(row, arm), prompt_id: extra.promptId ?? '' })),
  )
  return await readFacts(arm, extra)
}

async function readFacts(arm: string, extra: Extra = {}): Promise<CandidateFacts> {
  const { fingerprint } = candidateArm
  const { controlFingerprint = controlArm.fingerprint, migrationEffortUsd = null } = extra
  const period = { until: new Date('2099-01-01') }
  const stored = await source.facts({ arm, fingerprint, controlFingerprint, period })
  const candidate = { candidate: arm, armFingerprint: fingerprint }
  return factsOf({ candidate, stored, campaign: null, worst: [], gates: gates(), migrationEffortUsd })
}

const close = (actual: number | null | undefined, expected: number) => closeTo(actual ?? Number.NaN, expected, 1e-9)

test('quantiles and their intervals are order statistics, as computed from the values themselves', async () => {
  const rows = traffic(1_200, { errorRate: 0.02, controlErrorRate: 0.01 })
  const facts = await factsOn('quantiles', rows)

  ok(CandidateFacts.safeParse(facts).success)
  for (const [quantiles, values] of [
    [facts.candidateArm.ttft, rows.map(({ ttftMs }) => ttftMs)],
    [facts.candidateArm.total, rows.map(({ totalMs }) => totalMs)],
    [facts.controlArm!.ttft, rows.map(({ controlTtftMs }) => controlTtftMs)],
    [facts.controlArm!.total, rows.map(({ controlTotalMs }) => controlTotalMs)],
  ] as const) {
    // A failure has no time and is infinitely slow.
    const all = values.map((ms) => ms ?? Infinity)
    const finite = (ms: number | null) => (ms === Infinity ? null : ms)
    equal(quantiles.length, 4)
    for (const { tau, ms, lowerMs, upperMs } of quantiles) {
      const { lower, upper } = quantileInterval(all, tau, 0.05)
      deepEqual([ms, lowerMs, upperMs], [quantile(all, tau), lower, upper].map(finite), `p${tau * 100}`)
    }
  }
  equal(facts.candidateArm.total.at(-1)!.ms, null)
})

test('no p99 is told from under 500 requests, and an end that the values cannot tell is open', async () => {
  const facts = await factsOn('few', traffic(40))

  deepEqual(
    facts.candidateArm.ttft.map(({ tau }) => tau),
    [0.5, 0.9, 0.95],
  )
  ok(facts.candidateArm.ttft[0]!.upperMs !== null)
  equal(facts.candidateArm.ttft[2]!.upperMs, null)
})

test('shares, means and the month undo the sampling of the tap', async () => {
  const rows = [
    aPairRow(0, { sampleProbability: 0.1, costUsd: 0.001, controlCostUsd: 0.004 }),
    aPairRow(1_440, { sampleProbability: 1, costUsd: 0.012, controlCostUsd: 0.015 }),
    aPairRow(2_880, { sampleProbability: 0.5, ...candidateFailed, reason: 'rate_limited' }),
    aPairRow(2_880.5, { sampleProbability: 0.5, outcome: 'not_comparable', reason: 'served_error', error: null }),
  ].map((row, index) => ({ ...row, exchangeId: `00000000-0000-7000-8000-00000000000${index}` }))

  const { candidateArm: arm, cost } = await factsOn('weights', rows, { migrationEffortUsd: 90 })

  equal(arm.asked, 3)
  close(arm.errorRate, 2 / 13)
  close(arm.availability, 11 / 13)
  deepEqual(
    arm.failures.map(({ class: kind, count }) => [kind, count]),
    [['rate limit', 1]],
  )
  close(arm.failures[0]!.share, 2 / 13)
  close(arm.usdPerRequest, (10 * 0.001 + 0.012) / 11)
  // 15 requests in a little over two days; a saving of 0.003 on each.
  const perMonth = (15 / (2_880.5 / 1_440)) * 30
  equal(cost.pairs, 2)
  close(cost.requestsPerMonth, perMonth)
  close(cost.savingUsdPerMonth, 0.003 * perMonth)
  close(cost.paybackMonths, 90 / (0.003 * perMonth))
})

test('a candidate that costs more pays nothing back, and minutes of traffic make no month', async () => {
  const dearer = await factsOn('dearer', traffic(200, { dearer: 2 }), { migrationEffortUsd: 100 })
  const minutes = await factsOn('minutes', [aPairRow(0), aPairRow(1)], { migrationEffortUsd: 100 })

  ok(dearer.cost.savingUsdPerMonth! < 0)
  equal(dearer.cost.paybackMonths, null)
  equal(minutes.cost.requestsPerMonth, null)
  equal(minutes.cost.savingUsdPerMonth, null)
})

test('failures are told by what the client would have seen, for both arms on the same exchanges', async () => {
  const rows = [
    ...['timeout', 'timeout', 'server_error', 'overloaded', 'bad_request', 'connection', 'incomplete_stream'].map(
      (reason, index) => aPairRow(index, { ...candidateFailed, reason }),
    ),
    aPairRow(7, { ...controlFailed }),
    aPairRow(8, { ...withoutControl }),
  ]
  const failedControl = { armFingerprint: controlArm.fingerprint, ...candidateFailed, ...withoutControl }
  const controls = [
    aPairRow(7, {
      ...failedControl,
      reason: 'rate_limited',
      exchangeId: deterministicUuid('taxonomy', aPairRow(7).exchangeId),
    }),
    // Of traffic that this candidate is not for.
    aPairRow(70, { ...failedControl, reason: 'timeout' }),
  ]
  await store.insert(
    'comparisons',
    controls.map((row) => comparisonRow(row, 'control')),
  )

  const facts = await factsOn('taxonomy', rows)

  deepEqual(
    facts.candidateArm.failures.map(({ class: kind, kind: name, count }) => [kind, name, count]),
    [
      ['timeout', 'timeout', 2],
      ['4xx', 'bad_request', 1],
      ['connection', 'connection', 1],
      ['stream', 'incomplete_stream', 1],
      ['5xx', 'overloaded', 1],
      ['5xx', 'server_error', 1],
    ],
  )
  deepEqual(
    facts.controlArm!.failures.map(({ class: kind, count }) => [kind, count]),
    [['rate limit', 1]],
  )
  equal(facts.controlArm!.asked, 8)
})

test('a price per token comes from the calls whose tokens are known', async () => {
  const rows = [aPairRow(0), aPairRow(1)]
  const observation = (index: number, arm: string, fingerprint: string, tokens: number | null) => ({
    observation_id: deterministicUuid('tokens', arm, String(index)),
    exchange_id: deterministicUuid('tokens', aPairRow(index).exchangeId),
    arm,
    arm_fingerprint: fingerprint,
    captured_at: new Date(aPairRow(index).capturedAtMs).toISOString(),
    asked_at: new Date(aPairRow(index).capturedAtMs).toISOString(),
    input_tokens: tokens,
    output_tokens: 100,
    cost_usd: 0.004,
  })
  await store.insert('observations', [
    observation(0, 'tokens', candidateArm.fingerprint, 900),
    observation(1, 'tokens', candidateArm.fingerprint, null),
    observation(0, 'control', controlArm.fingerprint, 300),
  ])

  const facts = await factsOn('tokens', rows)

  close(facts.candidateArm.usdPerMillionTokens, 4)
  close(facts.controlArm!.usdPerMillionTokens, 10)
})

test('prompts are sorted by what is lost, rare ones with the rest of their route', async () => {
  const route = (name: string, from: number, count: number, lost: number) =>
    Array.from({ length: count }, (_, index) =>
      aPairRow(from + index, {
        route: name,
        quality: index / count < lost ? 0 : 1,
        decidedBy: index % 3 ? 'facts' : 'json',
      }),
    )
  await factsOn('prompts', route('support', 0, 100, 0.01), { promptId: 'aaa' })
  await factsOn('prompts', route('invoice', 100, 100, 0.3), { promptId: 'bbb' })
  await factsOn('prompts', route('invoice', 200, 20, 0), { promptId: 'ccc' })
  await factsOn('prompts', route('invoice', 220, 20, 0.1))
  await factsOn('prompts', route('rare', 240, 3, 1), { promptId: 'ddd' })
  await factsOn('prompts', route('label', 300, 100, 0.06), { promptId: 'eee' })

  const { prompts } = await readFacts('prompts')

  deepEqual(
    prompts.map(({ route: name, promptId, exchanges, effort }) => [name, promptId, exchanges, effort]),
    [
      ['invoice', 'bbb', 100, 'rework'],
      ['label', 'eee', 100, 'minor'],
      ['invoice', null, 40, 'minor'],
      ['support', 'aaa', 100, 'as_is'],
      ['rare', null, 3, 'too_few'],
    ],
  )
  close(prompts[0]!.lost, 0.3)
  close(prompts[0]!.worseShare, 0.3)
  equal(prompts[0]!.mostlyBy, 'facts')
  const lost = Array.from({ length: 30 }, (_, index) => deterministicUuid('prompts', aPairRow(100 + index).exchangeId))
  ok(lost.includes(prompts[0]!.example!))
})

test('the interval of a prompt allows for conversations, day by day, as the mean of clusters does', async () => {
  const rows = traffic(400, { quality: 0.9 }).map((row, index) => ({
    ...row,
    conversationId: `c${index % 40}`,
    sampleProbability: index % 2 ? 1 : 0.25,
  }))
  const dayOf = ({ capturedAtMs }: PairRow) => Math.floor(capturedAtMs / dayMs)
  const clusters = [...Map.groupBy(rows, (row) => `${row.conversationId} ${dayOf(row)}`).values()].map((members) =>
    members.map((row) => ({ value: row.controlQuality! - row.quality!, weight: 1 / row.sampleProbability })),
  )
  const expected = clusteredMean(clusters, 0.05)!

  const [prompt] = (await factsOn('clusters', rows)).prompts

  close(prompt!.lost, expected.mean)
  close(prompt!.lostLower, expected.interval!.lower)
  close(prompt!.lostUpper, expected.interval!.upper)
})

test('scores are counted in bins that hold both ends, the control’s where there is one', async () => {
  const facts = await factsOn('bins', [
    aPairRow(0, { quality: 0, controlQuality: 1, divergence: 0.049, controlDivergence: 0.05 }),
    aPairRow(1, { ...withoutControl, quality: 1 }),
  ])

  equal(facts.quality.candidate.length, 20)
  deepEqual([facts.quality.candidate[0], facts.quality.candidate[19]], [1, 1])
  equal(facts.quality.control![19], 1)
  deepEqual([facts.divergence.candidate[0], facts.divergence.control![0], facts.divergence.control![1]], [1, 0, 1])
})

test('an alert never lies beyond the rollback, and a rollback is where the margin against the served model ends', async () => {
  const { thresholds, controlArm: control } = await factsOn('canary', traffic(2_000, { errorRate: 0.004 }))
  const [errors, ttft] = thresholds

  for (const { alert, rollback } of thresholds) if (alert !== null && rollback !== null) ok(alert <= rollback)
  close(errors!.rollback, control!.errorRate! + 0.01)
  ok(errors!.alert! > errors!.baseline!)
  const p99 = control!.ttft.at(-1)!.ms!
  close(ttft!.rollback, Math.max(p99 * 1.2, p99 + 200))
})

test('where nothing was compared nothing is claimed, and other settings are not read', async () => {
  const nothing = await readFacts('nobody')
  const others = await factsOn(
    'others',
    traffic(50).map((row) => ({ ...row, armFingerprint: 'others' })),
  )
  const alone = await factsOn('alone', traffic(50), { controlFingerprint: null })

  ok(CandidateFacts.safeParse(nothing).success)
  for (const { candidateArm: arm, cost, prompts, thresholds } of [nothing, others]) {
    equal(arm.asked, 0)
    equal(arm.availability, null)
    equal(cost.requestsPerMonth, null)
    deepEqual(prompts, [])
    ok(thresholds.every(({ baseline, alert }) => baseline === null && alert === null))
  }
  equal(alone.controlArm, null)
  equal(alone.quality.control, null)
})
