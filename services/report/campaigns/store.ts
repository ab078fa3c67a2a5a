import { armsOf, controlArm } from '../../../shared/config/arms.ts'
import { type Config } from '../../../shared/config/schema.ts'
import { GateName, type Verdict } from '../../../shared/contracts/verdict.ts'
import { sha256Hex } from '../../../shared/ids.ts'
import { type Store } from '../../../shared/store/store.ts'
import { type Bound } from '../gates/gate.ts'
import { attemptsOf, type CampaignRow } from './attempts.ts'
import { campaignInputs, hashOfInputs } from './inputs.ts'

/** Every campaign of the candidate, in any order. */
export function readCampaigns(store: Pick<Store, 'query'>, candidate: string): Promise<CampaignRow[]> {
  return store.query<CampaignRow>(campaignsSql, { candidate })
}

export async function readBounds(store: Pick<Store, 'query'>, campaignId: string): Promise<Map<GateName, Bound>> {
  const rows = await store.query<Bound & { gate: string }>(boundsSql, { campaignId })
  return new Map(rows.map(({ gate, ...bound }) => [GateName.parse(gate), bound]))
}

/** Begins the campaign of each candidate whose config was never seen before. Safe to run again, and by two processes. */
export async function beginCampaigns(store: Pick<Store, 'query' | 'insert'>, config: Config, now: Date): Promise<void> {
  for (const candidate of armsOf(config).filter(({ name }) => name !== controlArm)) {
    const inputs = campaignInputs(config, candidate)
    const hash = hashOfInputs(inputs)
    const rows = await readCampaigns(store, candidate.name)
    if (attemptsOf(rows).some((row) => row.hash === hash)) continue
    const [compared] = await store.query<{ count: number; lastMs: number }>(comparedSql, { arm: candidate.name })
    const { count, lastMs } = compared!
    // An exchange that was compared before may have been looked at, whatever the clock of its tap says.
    const countsFrom = rows.length === 0 || count === 0 ? null : new Date(Math.max(now.getTime(), lastMs + 1))
    const startedAt = now.toISOString()
    await store.insert('campaigns', [
      {
        campaign_id: sha256Hex(`${candidate.name}\n${hash}\n${startedAt}`).slice(0, 16),
        candidate: candidate.name,
        hash,
        started_at: startedAt,
        compared_before: count,
        counts_from: countsFrom?.toISOString() ?? null,
        inputs: JSON.stringify(inputs),
      },
    ])
  }
}

/** Keeps what the verdict's first exchanges have fixed, so that later verdicts of the campaign use the same. */
export async function keepBounds(
  store: Pick<Store, 'insert'>,
  campaignId: string,
  bounds: NonNullable<Verdict['campaign']>['bounds'],
  now: Date,
): Promise<void> {
  const rows = bounds.map(({ gate, value, until, untilExchange }) => ({
    campaign_id: campaignId,
    gate,
    value,
    until,
    until_exchange: untilExchange,
    fixed_at: now.toISOString(),
  }))
  if (rows.length > 0) await store.insert('campaign_bounds', rows)
}

/** Begins campaigns and keeps what they fix, where this process may write. */
export type CampaignKeeper = {
  /** Before the verdicts are drawn: until it has succeeded once, it is tried each time. */
  begin(): Promise<void>
  /** Of verdicts on all traffic up to now. */
  keep(verdicts: readonly Verdict[]): Promise<void>
}

export function createCampaignKeeper(store: Pick<Store, 'kind' | 'query' | 'insert'>, config: Config): CampaignKeeper {
  if (store.kind === 'reader') return { begin: async () => {}, keep: async () => {} }
  let hasBegun = false
  const kept = new Set<string>()
  return {
    async begin() {
      if (hasBegun) return
      await beginCampaigns(store, config, new Date())
      hasBegun = true
    },
    async keep(verdicts) {
      for (const { candidate, campaign } of verdicts) {
        const fixed = `${candidate} ${campaign?.hash} ${campaign?.bounds.map(({ gate }) => gate).join()}`
        if (campaign === null || campaign.bounds.length === 0 || kept.has(fixed)) continue
        const row = attemptsOf(await readCampaigns(store, candidate)).find(({ hash }) => hash === campaign.hash)
        if (row === undefined) continue
        const known = await readBounds(store, row.campaignId)
        await keepBounds(
          store,
          row.campaignId,
          campaign.bounds.filter(({ gate }) => !known.has(gate)),
          new Date(),
        )
        kept.add(fixed)
      }
    },
  }
}

const campaignsSql = `
SELECT
  campaign_id AS campaignId,
  hash,
  toFloat64(toUnixTimestamp64Milli(started_at)) AS startedAtMs,
  toFloat64(compared_before) AS comparedBefore,
  toFloat64(toUnixTimestamp64Milli(counts_from)) AS countsFromMs,
  inputs
FROM campaigns
WHERE candidate = {candidate:String}`

const boundsSql = `
SELECT gate, value, toFloat64(toUnixTimestamp64Milli(until)) AS untilMs, until_exchange AS untilExchange
FROM campaign_bounds
WHERE campaign_id = {campaignId:String}
ORDER BY fixed_at
LIMIT 1 BY gate`

const comparedSql = `
SELECT toFloat64(count()) AS count, toFloat64(toUnixTimestamp64Milli(max(captured_at))) AS lastMs
FROM comparisons
WHERE arm = {arm:String}`
