import { deepEqual, equal, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { versionOfConfig } from '../../../../services/compare/config-version.ts'
import { startCompare, startPool } from '../../../../services/compare/main.ts'
import { rescore } from '../../../../services/compare/rescore/rescore.ts'
import { startRecord } from '../../../../services/record/main.ts'
import { createReportSource } from '../../../../services/report/source.ts'
import { Config, type WaiverConfig } from '../../../../shared/config/schema.ts'
import { type Observation, type ObservationSet } from '../../../../shared/contracts/observation.ts'
import { deterministicUuid } from '../../../../shared/ids.ts'
import { type Running } from '../../../../shared/lifecycle.ts'
import { openEmbeddedLog } from '../../../../shared/log/embedded.ts'
import { type TopicLog } from '../../../../shared/log/topic-log.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'
import { openEmbedded } from '../../../../shared/store/embedded.ts'
import { migrate } from '../../../../shared/store/migrations.ts'
import { type Store } from '../../../../shared/store/store.ts'
import { aControl, anAnswer, anObservation, aSet } from '../builders.ts'

// The pipeline from `observations` on, with the log and the engine as they are.

const folder = mkdtempSync(join(tmpdir(), 'understudy-rescore-'))
const span = { since: new Date('2026-11-01'), until: new Date('2026-11-30') }
let store: Store
let log: TopicLog
const running: Running[] = []

const aConfig = (waivers: WaiverConfig[] = []) =>
  Config.parse({
    tap: { upstreams: {} },
    providers: { acme: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } },
    control: { provider: 'acme' },
    candidates: [{ name: 'small', provider: 'acme', model: 'small-1' }],
    compare: { workers: 1 },
    waivers,
  })
const plain = aConfig()
const waiver: WaiverConfig = { path: '/id', reason: 'cosmetic', author: 'ana', expires: '2099-01-01' }

before(async () => {
  store = await openEmbedded(join(folder, 'store'), 'embedded')
  await migrate(store)
  log = await openEmbeddedLog({ file: join(folder, 'log.db'), logger })
  await log.prepare()
  running.push(await startRecord({ log, store, logger }), await startCompare({ config: plain, log, logger }))
})

after(async () => {
  for (const each of running) await each.stop()
  await log.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** An exchange of which the arms say another id, and every third candidate another total. */
function exchangeSet(number: number, rest: Partial<Observation> = {}): ObservationSet {
  const exchangeId = deterministicUuid('exchange', String(number))
  const ofExchange = (arm: string) => ({ exchangeId, observationId: deterministicUuid(String(number), arm) })
  const says = (id: string, total: number) => anAnswer({ text: JSON.stringify({ id, total, note: 'ok' }) })
  return aSet({
    exchange: { exchangeId, capturedAt: new Date(Date.UTC(2026, 10, 2, 8, number)).toISOString() },
    served: { answer: says('a', 1) },
    observations: [
      aControl({ ...ofExchange('control'), answer: says('a', 1) }),
      anObservation({ ...ofExchange('small'), answer: says('b', number % 3 === 0 ? 2 : 1), ...rest }),
    ],
  })
}

/** As tap and replay do. */
async function publish(...sets: ObservationSet[]): Promise<void> {
  const records = (of: (set: ObservationSet) => unknown) =>
    sets.map((set) => ({ key: set.exchange.conversationId, value: JSON.stringify(of(set)) }))
  await log.publish(
    'exchanges',
    records(({ exchange }) => exchange),
  )
  await log.publish(
    'observations',
    records((set) => set),
  )
}

/** Through both stages, until the store has them. */
async function drained(): Promise<void> {
  const endsAtMs = Date.now() + 30_000
  const lags = async () => [
    await log.lag('compare', 'observations'),
    await log.lag('record', 'exchanges'),
    await log.lag('record', 'observations'),
    await log.lag('record', 'comparisons'),
  ]
  while ((await lags()).some((lag) => lag > 0)) {
    ok(Date.now() < endsAtMs, 'nothing came')
    await sleep(50)
  }
}

async function rescored(config: Config, candidate?: string) {
  const pool = await startPool({ config })
  try {
    return await rescore(span, candidate, { store, log, pool, versionAt: await versionOfConfig(config) })
  } finally {
    await pool.close()
    await drained()
  }
}

const outcomes = async () =>
  await store.query<{ arm: string; outcome: string; count: number }>(
    `SELECT arm, outcome, toFloat64(count()) AS count FROM comparisons_unique GROUP BY arm, outcome ORDER BY arm, outcome`,
  )

const exchanges = 40

test('comparisons made again by new waivers stand in for the old ones, counted exactly', async () => {
  const sets = Array.from({ length: exchanges }, (_, number) => exchangeSet(number))
  await publish(...sets)
  await drained()
  deepEqual(await outcomes(), [
    { arm: 'control', outcome: 'equivalent', count: 40 },
    { arm: 'small', outcome: 'different', count: 40 },
  ])
  const before = await createReportSource(store).pairs('small', span)

  deepEqual(await rescored(plain), {
    rescored: 0,
    changedOutcome: [],
    changed: 0,
    current: 80,
    withoutBodies: 0,
    judged: 0,
    failed: {},
  })
  const result = await rescored(aConfig([waiver]), 'small')

  deepEqual(
    [result.rescored, result.changed, result.current, result.changedOutcome],
    [40, 40, 0, [{ from: 'different', to: 'equivalent', comparisons: 26 }]],
  )
  deepEqual(await outcomes(), [
    { arm: 'control', outcome: 'equivalent', count: 40 },
    { arm: 'small', outcome: 'different', count: 14 },
    { arm: 'small', outcome: 'equivalent', count: 26 },
  ])
  // Everything but what the answers decide is as it was: times, costs, models, the control beside it.
  const after = await createReportSource(store).pairs('small', span)
  deepEqual(
    after,
    before.map((row, number) => ({
      ...row,
      quality: number % 3 === 0 ? 2 / 3 : 1,
      outcome: number % 3 === 0 ? 'different' : 'equivalent',
    })),
  )
})

test('a second run finds nothing to do, and the way back is as exact', async () => {
  const again = await rescored(aConfig([waiver]), 'small')
  deepEqual([again.rescored, again.current], [0, 40])

  const back = await rescored(plain)
  deepEqual([back.rescored, back.current], [40, 40])
  deepEqual(back.changedOutcome, [{ from: 'equivalent', to: 'different', comparisons: 26 }])
})

test('what goes on coming in meanwhile is neither lost nor counted twice', async () => {
  const traffic = Array.from({ length: 60 }, (_, number) => exchangeSet(1_000 + number))
  const publishing = (async () => {
    for (const set of traffic) await publish(set)
  })()
  const result = await rescored(aConfig([waiver]))
  await publishing
  await drained()

  ok(result.rescored >= 80)
  const all = await outcomes()
  equal(
    all.reduce((sum, { count }) => sum + count, 0),
    2 * (exchanges + traffic.length),
  )
  const last = await rescored(aConfig([waiver]))
  equal(last.rescored + last.current, 2 * (exchanges + traffic.length))
  equal((await rescored(aConfig([waiver]))).rescored, 0)
})

test('where what was said is no longer stored, of one arm or of all, the comparison stays and is counted', async () => {
  const [noRequest, noAnswer] = [0, 1].map((number) => exchangeSet(number))
  await store.command(
    `ALTER TABLE exchange_bodies DELETE WHERE exchange_id = '${noRequest!.exchange.exchangeId}' SETTINGS mutations_sync = 2`,
  )
  await store.command(
    `ALTER TABLE observation_bodies DELETE WHERE observation_id = '${noAnswer!.observations[0]!.observationId}' SETTINGS mutations_sync = 2`,
  )
  const before = await outcomes()

  const result = await rescored(plain, 'small')

  equal(result.withoutBodies, 2)
  equal(result.rescored + result.withoutBodies, 100)
  // Of the two, one is equivalent by its waiver still.
  equal((await outcomes()).find(({ arm, outcome }) => arm === 'small' && outcome === 'equivalent')?.count, 1)
  ok(before.length > 0)
})

test('failures, arms that were not asked and a control asked twice come back as they were', async () => {
  const failed = exchangeSet(2_000, { outcome: 'failed', failureKind: 'timeout', status: null, answer: null })
  const notAsked = exchangeSet(2_001, { outcome: 'not_asked', notAskedReason: 'paused', status: null, answer: null })
  const first = exchangeSet(2_002)
  const [control, candidate] = first.observations
  const second = {
    ...first,
    observations: [
      { ...control!, observationId: deterministicUuid('other control'), armFingerprint: 'dddd', ttftMs: 7 },
      { ...candidate!, observationId: deterministicUuid('other candidate'), armFingerprint: 'eeee' },
    ],
  }
  await publish(failed, notAsked, first, second)
  await drained()
  const read = async () =>
    (await createReportSource(store).pairs('small', span)).filter(
      ({ capturedAtMs }) => capturedAtMs > Date.UTC(2026, 10, 3, 12),
    )
  const before = await read()
  equal(before.length, 4)

  await rescored(aConfig([{ ...waiver, path: '/nothing' }]))

  deepEqual(await read(), before)
})

test('older settings that are compared again stay the older ones', async () => {
  const [earlier, later] = ['2026-11-05T08:00:00.000Z', '2026-11-06T08:00:00.000Z']
  const of = (number: number, arm: string, armFingerprint: string, askedAt: string) => {
    const set = exchangeSet(number, { arm, armFingerprint, askedAt })
    return { ...set, observations: set.observations.slice(1) }
  }
  await publish(of(3_000, 'renewed', 'old', earlier), of(3_001, 'renewed', 'new', later))
  await drained()
  const newest = async () =>
    await store.query<{ fingerprint: string; exchanges: number }>(
      `SELECT fingerprint, toFloat64(exchanges) AS exchanges FROM equivalence_summary(candidate='renewed', since='2026-11-01')`,
    )
  deepEqual(await newest(), [{ fingerprint: 'new', exchanges: 1 }])

  const pool = await startPool({ config: plain })
  const versionAt = await versionOfConfig(aConfig([waiver]))
  const untilOld = { since: span.since, until: new Date(Date.UTC(2026, 10, 2, 8, 3_000)) }
  const { rescored } = await rescore(untilOld, 'renewed', { store, log, pool, versionAt })
  await pool.close()
  await drained()

  equal(rescored, 1)
  deepEqual(await newest(), [{ fingerprint: 'new', exchanges: 1 }])
})

test('a version in the store tells what a comparison was made by, and the report counts them', async () => {
  const compared = {
    arm: 'small',
    fingerprint: anObservation().armFingerprint,
    controlFingerprint: null,
    period: span,
  }
  const scoring = await createReportSource(store).scoring(compared, {
    waivers: [waiver],
    scorers: [],
    at: new Date(),
  })

  ok(scoring.versions.length >= 2)
  ok(scoring.versions.some(({ version }) => /^\d+\+[0-9a-f]{8}$/.test(version)))
  equal(scoring.waived.waivers[0]!.covers, '/id')
})
