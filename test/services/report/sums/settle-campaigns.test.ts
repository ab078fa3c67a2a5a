import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { beginCampaigns } from '../../../../services/report/campaigns/store.ts'
import { differing } from '../../../../services/report/differing.ts'
import { loadVerdicts, readingFor } from '../../../../services/report/load-verdicts.ts'
import { type PairRow } from '../../../../services/report/pairs.ts'
import { createReportSource } from '../../../../services/report/source.ts'
import { createSettler } from '../../../../services/report/sums/settle-campaigns.ts'
import { termsIn } from '../../../../services/report/sums/settled.ts'
import { armsOf } from '../../../../shared/config/arms.ts'
import { type Config } from '../../../../shared/config/schema.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'
import { type Verdict } from '../../../../shared/contracts/verdict.ts'
import { comparisonRow } from '../../../support/comparison-rows.ts'
import { migratedStore } from '../../../support/migrated-store.ts'
import { candidateArm } from '../../../support/pair-rows.ts'
import { randomTraffic, trafficStartMs } from '../../../support/random-traffic.ts'
import { smallConfig } from '../../../support/small-config.ts'
import { seededRandom } from '../../../support/statistics.ts'

const hourMs = 3_600_000
const store = await migratedStore()
const source = createReportSource(store)

/** The same traffic under the fingerprints of this config. */
function rowsUnder(config: Config, rows: readonly PairRow[]): PairRow[] {
  const [control, arm] = armsOf(config)
  return rows.map((row) => ({
    ...row,
    armFingerprint: row.armFingerprint === candidateArm.fingerprint ? arm!.fingerprint : row.armFingerprint,
    controlFingerprint: row.controlFingerprint && control!.fingerprint,
  }))
}

const record = (config: Config, rows: readonly PairRow[]) =>
  store.insert(
    'comparisons',
    rowsUnder(config, rows).map((row) => comparisonRow(row, config.candidates[0]!.name)),
  )

const settle = (config: Config, atMs: number) => createSettler(store, source, config, logger).settle(new Date(atMs))

async function verdictOf(config: Config, asOfMs: number, recompute: boolean): Promise<Verdict> {
  const [verdict] = await loadVerdicts(source, config, { asOf: new Date(asOfMs), recompute })
  return verdict!
}

/** The verdict from sums, which has to be the one from rows. */
async function checked(config: Config, asOfMs: number): Promise<Verdict> {
  const verdict = await verdictOf(config, asOfMs, false)
  deepEqual(differing(await verdictOf(config, asOfMs, true), verdict), [])
  return verdict
}

async function untilOf(config: Config, asOfMs: number): Promise<number | null> {
  const name = config.candidates[0]!.name
  const [campaign] = await source.campaigns(name)
  const terms = termsIn(await readingFor(armsOf(config)[1]!, source, config))
  return (await source.settled(campaign!.campaignId, name, new Date(asOfMs), terms))?.untilMs ?? null
}

for (const [seed, gates] of [
  [1, {}],
  [2, { maxUnits: 300, errors: { unit: 'hour' } }],
] as const) {
  test(`rows in any order, added up at any moment: the verdict is that from rows (${JSON.stringify(gates)})`, async () => {
    const random = seededRandom(seed)
    const config = smallConfig(`any-${seed}`, gates)
    await beginCampaigns(store, config, new Date(trafficStartMs))
    const rows = randomTraffic(seed, 1_200, 30).toSorted((a, b) => a.capturedAtMs - b.capturedAtMs)
    const late = rows.filter(() => random() < 0.02)
    const inTime = rows.filter((row) => !late.includes(row))
    let recorded = 0
    for (const hours of [9, 14, 15, 22, 31]) {
      const nowMs = trafficStartMs + hours * hourMs
      const upTo = inTime.filter(({ capturedAtMs }) => capturedAtMs <= nowMs).length
      await record(config, inTime.slice(recorded, upTo))
      recorded = upTo
      if (random() < 0.5) await record(config, late.splice(0, 5))
      await settle(config, nowMs)
      ok((await untilOf(config, nowMs)) !== null, 'there are sums')
      await checked(config, nowMs)
    }
    const end = await checked(config, trafficStartMs + 60 * hourMs)

    ok(end.comparisons.compared > 1_000)
  })
}

const stored = async (config: Config) => {
  const [campaign] = await source.campaigns(config.candidates[0]!.name)
  const { campaignId } = campaign!
  return await store.query<{ table: string; id: string; rows: number }>(
    `SELECT * FROM (
       SELECT 'sums' AS table, settled_id AS id, toFloat64(count()) AS rows FROM campaign_sums
       WHERE campaign_id = {campaignId:String} GROUP BY id
       UNION ALL SELECT 'heads' AS table, settled_id AS id, toFloat64(count()) AS rows FROM campaign_settled
       WHERE campaign_id = {campaignId:String} GROUP BY id
     ) ORDER BY table, id`,
    { campaignId },
  )
}

test('where nothing has come there is nothing to add up, and nothing to warn of', async () => {
  const config = smallConfig('empty')
  await beginCampaigns(store, config, new Date(trafficStartMs))
  const warned: unknown[] = []
  const telling = { warn: (told: unknown) => void warned.push(told) } as unknown as typeof logger
  await createSettler(store, source, config, telling).settle(new Date(trafficStartMs))

  deepEqual(warned, [])
})

test('what was added up is added up once', async () => {
  const config = smallConfig('twice')
  await beginCampaigns(store, config, new Date(trafficStartMs))
  await record(config, randomTraffic(5, 400, 8))
  const nowMs = trafficStartMs + 20 * hourMs
  await settle(config, nowMs)
  const once = await stored(config)

  await Promise.all([settle(config, nowMs), settle(config, nowMs + 1), settle(config, nowMs + 5 * hourMs)])

  deepEqual(await stored(config), once)
})

test('a row of an hour that was added up, come late or again, is in the next verdict, and sums are used up to it', async () => {
  const config = smallConfig('again')
  await beginCampaigns(store, config, new Date(trafficStartMs))
  const rows = randomTraffic(6, 600, 20).toSorted((a, b) => a.capturedAtMs - b.capturedAtMs)
  const nowMs = trafficStartMs + 26 * hourMs
  for (const hours of [6, 12, 26]) {
    await record(
      config,
      rows.splice(0, rows.filter((row) => row.capturedAtMs < trafficStartMs + hours * hourMs).length),
    )
    await settle(config, trafficStartMs + hours * hourMs)
  }
  const before = await checked(config, nowMs)
  const seen = await untilOf(config, nowMs)
  const changed = randomTraffic(6, 600, 20).find(
    (row) => row.capturedAtMs > trafficStartMs + 13 * hourMs && row.outcome === 'equivalent' && row.error === false,
  )!
  await store.insert(
    'comparisons',
    rowsUnder(config, [{ ...changed, quality: 0.1, outcome: 'different' }]).map((row) =>
      comparisonRow(row, 'again', row.capturedAtMs + 1),
    ),
  )

  const after = await checked(config, nowMs)
  equal(after.comparisons.different, before.comparisons.different + 1)
  ok((await untilOf(config, nowMs))! < seen!, 'the sums over that hour are trusted no more')
  ok((await untilOf(config, nowMs)) !== null, 'those before it are')
  await settle(config, nowMs)
  equal(await untilOf(config, nowMs), seen)
  deepEqual(differing(after, await checked(config, nowMs)), [])
})

test('a verdict as of an earlier moment and one of ended traffic come from the same sums', async () => {
  const config = smallConfig('moments')
  await beginCampaigns(store, config, new Date(trafficStartMs))
  await record(config, randomTraffic(7, 600, 20))
  for (const hours of [8, 26]) await settle(config, trafficStartMs + hours * hourMs)
  const of = async (hours: number, recompute: boolean) => {
    const asOf = new Date(trafficStartMs + hours * hourMs)
    return await loadVerdicts(source, config, { asOf, trafficEnded: hours > 20, recompute })
  }

  for (const hours of [2, 10.5, 30]) deepEqual(differing(await of(hours, true), await of(hours, false)), [])
})

test('sums are read once an hour, and stay as they were read whatever is added up to them', async () => {
  const config = smallConfig('once')
  await beginCampaigns(store, config, new Date(trafficStartMs))
  const rows = randomTraffic(8, 900, 20).toSorted((a, b) => a.capturedAtMs - b.capturedAtMs)
  const nowMs = trafficStartMs + 16 * hourMs
  const before = rows.filter(({ capturedAtMs }) => capturedAtMs < nowMs)
  await record(config, before)
  await settle(config, nowMs)
  const asked: string[] = []
  const watched = createReportSource({
    ping: (timeoutMs) => store.ping(timeoutMs),
    query: (sql, params) => {
      asked.push(sql)
      return store.query(sql, params)
    },
  })
  const ask = async (atMs: number) => (await loadVerdicts(watched, config, { asOf: new Date(atMs) }))[0]!
  const read = () => asked.filter((sql) => sql.includes("'slice'") || sql.includes('tally')).length

  const first = await ask(nowMs)
  const once = read()
  await record(config, rows.slice(before.length))
  const later = await ask(nowMs + 10 * hourMs)
  const again = await ask(nowMs)

  ok(once > 0)
  equal(read(), once)
  ok(later.comparisons.compared > first.comparisons.compared)
  deepEqual(differing(await verdictOf(config, nowMs + 10 * hourMs, true), later), [])
  deepEqual(differing(await verdictOf(config, nowMs, true), again), [])
})
