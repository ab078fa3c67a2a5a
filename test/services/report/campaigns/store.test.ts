import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { beginCampaigns, createCampaignKeeper } from '../../../../services/report/campaigns/store.ts'
import { loadVerdicts } from '../../../../services/report/load-verdicts.ts'
import { createReportSource } from '../../../../services/report/source.ts'
import { armsOf } from '../../../../shared/config/arms.ts'
import { type Config } from '../../../../shared/config/schema.ts'
import { type Verdict } from '../../../../shared/contracts/verdict.ts'
import { comparisonRow } from '../../../support/comparison-rows.ts'
import { dayMs, traffic } from '../../../support/pair-rows.ts'
import { smallConfig } from '../../../support/small-config.ts'
import { migratedStore } from '../../../support/migrated-store.ts'

const store = await migratedStore()

/** Four days of good traffic, from `fromMs` on. */
async function record(config: Config, name: string, fromMs: number, exchanges = 2_500): Promise<void> {
  const [control, arm] = armsOf(config)
  const rows = traffic(exchanges)
  const shiftMs = fromMs - rows[0]!.capturedAtMs
  await store.insert(
    'comparisons',
    rows.map((row, index) =>
      comparisonRow(
        {
          ...row,
          exchangeId: `00000000-0000-7000-8000-${String((fromMs + index) % 1e12).padStart(12, '0')}`,
          conversationId: `${fromMs}-${index}`,
          armFingerprint: arm!.fingerprint,
          controlFingerprint: control!.fingerprint,
          capturedAtMs: Math.round(row.capturedAtMs + shiftMs),
        },
        name,
      ),
    ),
  )
}

const verdictUnder = async (config: Config): Promise<Verdict> => {
  const [verdict] = await loadVerdicts(createReportSource(store), config, { asOf: new Date(Date.now() + 30 * dayMs) })
  return verdict!
}

test('a first campaign counts what was imported before; changed margins begin a second one with fresh evidence', async () => {
  const first = smallConfig('changed')
  await record(first, 'changed', Date.now() - 10 * dayMs)
  await beginCampaigns(store, first, new Date())
  const one = await verdictUnder(first)

  equal(one.campaign!.attempt, 1)
  equal(one.comparisons.compared, 2_500)
  equal(one.verdict, 'go')

  const second = smallConfig('changed', { quality: { relative: 0.05 } })
  const unseen = await verdictUnder(second)
  equal(unseen.verdict, 'inconclusive')
  equal(unseen.reason, 'no_comparisons')
  match(unseen.sentence, /attempt 2 \(margins changed \(quality 3 % → 5 %\)\) begins when record or report next starts/)

  await beginCampaigns(store, second, new Date())
  const empty = await verdictUnder(second)
  match(empty.sentence, /attempt 2 \(margins changed \(quality 3 % → 5 %\)\) counts exchanges captured after \d{4}-/)
  equal(empty.campaign!.leftOut, 2_500)
  deepEqual(
    empty.campaign!.attempts.map(({ changes }) => changes),
    [[], ['margins changed (quality 3 % → 5 %)']],
  )

  await record(second, 'changed', Date.now() + dayMs)
  const fresh = await verdictUnder(second)
  equal(fresh.comparisons.compared, 2_500)
  equal(fresh.campaign!.leftOut, 2_500)
  ok(Math.abs(fresh.alpha - one.alpha / 4) < 1e-12)
})

test('a tap whose clock is ahead gives a second attempt nothing that was seen before it', async () => {
  const first = smallConfig('skewed')
  await beginCampaigns(store, first, new Date())
  await record(first, 'skewed', Date.now() + dayMs, 200)

  const second = smallConfig('skewed', { alpha: 0.1 })
  await beginCampaigns(store, second, new Date())

  equal((await verdictUnder(second)).comparisons.compared, 0)
})

test('a config that is corrected before there is any evidence spends nothing', async () => {
  for (const alpha of [0.1, 0.05, 0.1]) await beginCampaigns(store, smallConfig('corrected', { alpha }), new Date())
  const config = smallConfig('corrected', { alpha: 0.1 })
  await record(config, 'corrected', Date.now() - dayMs, 200)

  const { campaign, comparisons } = await verdictUnder(config)

  equal(campaign!.attempt, 1)
  equal(campaign!.attempts.length, 1)
  equal(comparisons.compared, 200)
})

test('beginning again, and with two processes at once, begins nothing new', async () => {
  const config = smallConfig('twice', { minDays: 1 })
  await Promise.all([beginCampaigns(store, config, new Date()), beginCampaigns(store, config, new Date())])
  await beginCampaigns(store, config, new Date())

  equal((await verdictUnder(config)).campaign!.attempts.length, 1)
})

test('theta stays what the first exchanges made it, whatever earlier ones come in late', async () => {
  const config = smallConfig('theta')
  const keeper = createCampaignKeeper(store, config)
  await keeper.begin()
  await record(config, 'theta', Date.now() - 10 * dayMs)
  const before = await verdictUnder(config)
  await keeper.keep([before])

  await record(config, 'theta', Date.now() - 20 * dayMs, 400)
  const later = await verdictUnder(config)

  deepEqual(later.campaign!.bounds, before.campaign!.bounds)
  equal(later.campaign!.bounds.length, 4)
})

test('where the store is only read nothing is begun', async () => {
  const config = smallConfig('reader', { minDays: 2 })
  const keeper = createCampaignKeeper({ ...store, kind: 'reader' }, config)
  await keeper.begin()
  equal((await verdictUnder(config)).campaign!.startedAt, null)
})
