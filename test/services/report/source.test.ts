import { deepEqual, equal } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createReportSource, type ReportSource } from '../../../services/report/source.ts'
import { type Settled } from '../../../services/report/sums/settled.ts'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { type Store } from '../../../shared/store/store.ts'
import { comparisonRow } from '../../support/comparison-rows.ts'
import { aPairRow, candidateArm, candidateFailed, traffic, withoutControl } from '../../support/pair-rows.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-report-'))
const always = { until: new Date('2099-01-01') }
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

const record = (rows: object[]) => store.insert('comparisons', rows)

test('pairs come back as they were compared, with null where nothing was measured', async () => {
  const rows = [
    ...traffic(20),
    aPairRow(10_001, { ...candidateFailed, losses: ['seed:dropped', 'stop:clamped'] }),
    aPairRow(10_002, { ...withoutControl, servedModel: null, task: 'text' }),
    aPairRow(10_003, {
      outcome: 'not_comparable',
      reason: 'served_error',
      error: null,
      quality: null,
      soundness: null,
    }),
  ]
  await record(rows.map((row) => comparisonRow(row, 'faithful')))

  deepEqual(await source.pairs('faithful', always), rows)
})

test('what a judge said comes with the row', async () => {
  const row = aPairRow(1, {
    decidedBy: 'judge',
    judgeVersion: 'v1',
    judgeState: 'decided',
    judgeServedFirst: 0,
    judgeArmFirst: 0.5,
    judgeCut: true,
    judgeLengthRatio: 1.5,
    judgeCostUsd: 0.002,
    ladderQuality: 1,
    controlJudgeVersion: 'v1',
    controlJudgeServedFirst: 0.5,
    controlJudgeArmFirst: 0.5,
    controlJudgeCostUsd: 0.001,
    controlLadderQuality: 0.75,
  })
  await record([comparisonRow(row, 'judged')])

  deepEqual(await source.pairs('judged', always), [row])
})

test('a comparison that was recorded twice is read once, and the later one counts', async () => {
  await record([comparisonRow(aPairRow(1, { quality: 0.1 }), 'twice', 1_000)])
  await record([comparisonRow(aPairRow(1, { quality: 0.9 }), 'twice', 2_000)])

  const rows = await source.pairs('twice', always)

  equal(rows.length, 1)
  equal(rows[0]!.quality, 0.9)
})

test('pairs since some hour are the same and in the same order, also of one millisecond and with some recorded twice', async () => {
  const rows = traffic(40).map((row, index) => ({
    ...row,
    exchangeId: crypto.randomUUID(),
    capturedAtMs: 1_800_000_000_000 + (index % 4),
  }))
  await record(rows.map((row) => comparisonRow(row, 'crowded')))
  await record(rows.slice(7, 20).map((row) => comparisonRow({ ...row, quality: 0.125 }, 'crowded', Date.now() + 1e12)))
  const since = { hoursUntilMs: 1_800_000_000_001, open: new Map(), storedAt: null } as unknown as Settled
  const pairs = await source.pairs('crowded', { since: new Date(since.hoursUntilMs), until: always.until })
  equal(pairs.length, 30)
  deepEqual(await source.pairsSince('crowded', since, always.until, { version: 'any', allowOwnFamily: false }), pairs)
})

test('only the arm asked for, and only the period, both ends included', async () => {
  const rows = [aPairRow(1), aPairRow(2), aPairRow(3)]
  await record(rows.map((row) => comparisonRow(row, 'period')))
  const at = (index: number) => new Date(rows[index]!.capturedAtMs)

  equal((await source.pairs('period', { since: at(1), until: at(1) })).length, 1)
  equal((await source.pairs('period', { since: at(1), until: at(2) })).length, 2)
  equal((await source.pairs('nobody', always)).length, 0)
})

test('worst first: what the candidate lost against the control, each kind in turn, equivalent ones never', async () => {
  const rows = [
    aPairRow(1, { outcome: 'different', quality: 0.5, controlQuality: 1 }),
    aPairRow(2, { outcome: 'different', quality: 0, controlQuality: 0 }),
    aPairRow(3, { outcome: 'different', quality: 0.2, controlQuality: 1 }),
    aPairRow(4, candidateFailed),
    aPairRow(5),
    aPairRow(6, { outcome: 'different', quality: 0, armFingerprint: 'older' }),
  ]
  await record(rows.map((row) => comparisonRow(row, 'worst')))

  const worst = await source.worst('worst', candidateArm.fingerprint, always, 10)

  deepEqual(
    worst.map(({ exchangeId }) => Number(exchangeId.slice(-2))),
    [3, 4, 1, 2],
  )
  equal(worst[0]!.capturedAt, new Date(rows[2]!.capturedAtMs).toISOString())
  deepEqual(worst[0]!.differences[0], { rung: 'json', path: '/total', message: 'value differs', served: '1', arm: '2' })
  equal((await source.worst('worst', candidateArm.fingerprint, always, 1)).length, 1)
})

test('the ledger has a line for what happened to exchanges and arms, in the order of the stages', async () => {
  const { balanced, missing, lines } = await source.ledger()

  equal(balanced, true)
  equal(missing, 0)
  deepEqual(
    lines.filter(({ arm }) => arm === 'worst'),
    [
      { stage: 'compare', arm: 'worst', outcome: 'different', reason: null, count: 4 },
      { stage: 'compare', arm: 'worst', outcome: 'equivalent', reason: null, count: 1 },
      { stage: 'compare', arm: 'worst', outcome: 'failed', reason: 'timeout', count: 1 },
    ],
  )
})

const published = (at: Date, entryId: number, count: number) => ({
  entry_id: `00000000-0000-7000-8000-${String(entryId).padStart(12, '0')}`,
  hour: new Date(at.getTime() - (at.getTime() % 3_600_000)).toISOString(),
  stored_at: at.toISOString(),
  stage: 'tap',
  upstream: 'openai',
  route: 'support',
  outcome: 'published',
  reason: '',
  count,
})

test('what was published and never stored is missing, once it is too old to be on its way', async () => {
  await store.insert('ledger', [published(new Date(), 1, 5)])
  const onTheirWay = await source.ledger()
  await store.insert('ledger', [published(new Date(Date.now() - 7_200_000), 2, 7)])
  const lost = await source.ledger()

  equal(onTheirWay.balanced, true)
  deepEqual(onTheirWay.lines.at(-1), {
    stage: 'between stages',
    arm: null,
    outcome: 'on_their_way',
    reason: null,
    count: 5,
  })
  equal(onTheirWay.lines[0]!.stage, 'tap')
  equal(lost.balanced, false)
  equal(lost.missing, 7)
})

test('the store answers when asked whether it is there', async () => {
  await source.ready()
})

test('one kind of difference does not crowd out the others', async () => {
  const lost = { outcome: 'different', controlQuality: 1 } as const
  const rows = [
    aPairRow(1, { ...lost, quality: 0, route: 'ticket', decidedBy: 'label' }),
    aPairRow(2, { ...lost, quality: 0, route: 'ticket', decidedBy: 'label' }),
    aPairRow(3, { ...lost, quality: 0.6, route: 'support', decidedBy: 'facts' }),
  ]
  await record(rows.map((row) => comparisonRow(row, 'kinds')))

  const worst = await source.worst('kinds', candidateArm.fingerprint, always, 10)

  deepEqual(
    worst.map(({ exchangeId }) => Number(exchangeId.slice(-2))),
    [1, 3, 2],
  )
})
