import { sha256Hex } from '../../../shared/ids.ts'
import { type Store } from '../../../shared/store/store.ts'
import { hourMs } from '../units.ts'
import { type CaseSums, type Terms } from './case-sums.ts'
import {
  cellsOfRows,
  confirmCells,
  type DiscoveryRow,
  rowsOfSums,
  sumsColumns,
  sumsOfRows,
  type SumsRow,
} from './sums-rows.ts'
import { type Settled } from './settled.ts'
import { tallyFrom, tallyJson } from './tally-json.ts'

/** Of what the sums mean: with another one, those that are stored are made again from rows. */
const sumsVersion = 2

const hourSlots = 48
const midnightSlots = 60
const hoursPerDay = 24

/** Where an hour is kept: midnights for longer than other hours. */
function slotOf(untilMs: number): number {
  const hour = Math.round(untilMs / hourMs)
  return hour % hoursPerDay === 0 ? hourSlots + ((hour / hoursPerDay) % midnightSlots) : hour % hourSlots
}

/** Rows of comparisons that have come, by the hour of their capture. */
export type Arrivals = readonly { hourMs: number; arrived: number }[]

export function readArrivals(store: Pick<Store, 'query'>, arm: string): Promise<Arrivals> {
  return store.query<Arrivals[number]>(arrivalsSql, { arm })
}

const arrivedBefore = (arrivals: Arrivals, untilMs: number): number =>
  arrivals.reduce((sum, { hourMs: at, arrived }) => (at < untilMs ? sum + arrived : sum), 0)

type Head = { settledId: string; slot: number; untilMs: number; arrived: number; parts: number }

/** Where sums came from, for what is only read where it is asked for. */
export type StoredAt = { campaignId: string; slot: number; settledId: string; cells: ReadonlySet<string> }

/**
 * What was read last of each campaign, by its id. It stays what it is: its id is that of the rows which are in it, and sums are
 * never changed.
 */
export type SumsRead = Map<string, { settledId: string; tally: string } & KindsOfSums>

type KindsOfSums = Pick<CaseSums, 'gates' | 'replayThroughout' | 'slices' | 'cells'>

/**
 * The sums up to the latest hour, not after `asOf`, over which nothing has come since. Null where there are none: all is then
 * made from rows. They are the caller's to add to; what confirms slices is not in them yet.
 */
export async function loadSettled(
  store: Pick<Store, 'query'>,
  campaignId: string,
  arm: string,
  asOf: Date,
  { sliceGates }: Pick<Terms, 'sliceGates'>,
  read: SumsRead,
): Promise<Settled | null> {
  const heads = await store.query<Head>(headsSql, { campaignId, version: sumsVersion, untilMs: asOf.getTime() })
  const arrivals = heads.length === 0 ? [] : await readArrivals(store, arm)
  // An hour over which a row has come since is passed over.
  const head = heads.find((each) => each.arrived === arrivedBefore(arrivals, each.untilMs))
  if (head === undefined) return null
  const { settledId, slot, untilMs } = head
  const before = read.get(campaignId)
  const found = before?.settledId === settledId ? before : await readSums(store, campaignId, head, sliceGates)
  if (found === null) return null
  read.set(campaignId, found)
  const { rows, pairs, chargedAt, open, ...rest } = tallyFrom(found.tally)
  const { gates, replayThroughout, slices, cells } = found
  return {
    ...rest,
    untilMs,
    hoursUntilMs: untilMs - hourMs,
    rows,
    sums: {
      tally: pairs,
      chargedAt,
      gates: new Map(gates),
      replayThroughout: new Map(replayThroughout),
      slices: new Map(slices),
      cells: new Map(cells),
    },
    open: new Map(open.map(([atMs, exchangeId]) => [exchangeId, atMs])),
    silent: [],
    storedAt: { campaignId, slot, settledId, cells: new Set(cells.keys()) },
  }
}

/** Null: they have been written anew since, by the hour that has the slot now. */
async function readSums(
  store: Pick<Store, 'query'>,
  campaignId: string,
  { settledId, slot, parts }: Head,
  sliceGates: Terms['sliceGates'],
) {
  const place = { campaignId, slot, settledId }
  const [told] = await store.query<{ tally: string }>(tallySql, place)
  const sums = once(await store.query<SumsRow>(sumsSql, place))
  const searched = await store.query<Searched>(searchedSql, place)
  const found = once(searched.flatMap(discoveryRows))
  if (told === undefined || sums.length + found.length !== parts) return null
  return { settledId, ...told, ...sumsOfRows(sums), cells: cellsOfRows(found, sliceGates) }
}

/** What was added up, as it was kept at an hour: enough for the gates on the whole traffic. */
export type Kept = { settledId: string; untilMs: number; sums: Pick<CaseSums, 'tally' | 'gates' | 'replayThroughout'> }

type KeptHead = Pick<Head, 'settledId' | 'slot' | 'untilMs'>

/** The hours that are kept of a campaign, in their order; `without` those that are known. */
export async function loadKept(
  store: Pick<Store, 'query'>,
  campaignId: string,
  without: (settledId: string) => boolean,
): Promise<{ heads: KeptHead[]; kept: Kept[] }> {
  const heads = await store.query<KeptHead>(keptHeadsSql, { campaignId, version: sumsVersion })
  const wanted = heads.filter(({ settledId }) => !without(settledId))
  const kept: Kept[] = []
  // A few at a time: each is thousands of numbers.
  for (let at = 0; at < wanted.length; at += keptAtOnce) {
    const some = wanted.slice(at, at + keptAtOnce)
    const params = { campaignId, slots: some.map(({ slot }) => slot) }
    const tallies = await store.query<{ settledId: string; tally: string }>(keptTalliesSql, params)
    const rows = await store.query<SumsRow & { settledId: string }>(keptSumsSql, params)
    for (const { settledId, untilMs } of some) {
      const tally = tallies.find((found) => found.settledId === settledId)?.tally
      const own = once(rows.filter((row) => row.settledId === settledId))
      if (tally === undefined || own.length === 0) continue
      kept.push({ settledId, untilMs, sums: { tally: tallyFrom(tally).pairs, ...sumsOfRows(own) } })
    }
  }
  return { heads, kept }
}

const keptAtOnce = 12

/** Two that added up at once may have written twice. */
function once<Row extends { gate: string; value: string } & Partial<Pick<SumsRow, 'scope' | 'dimension'>>>(
  rows: readonly Row[],
): Row[] {
  const byKey = new Map(rows.map((row) => [`${row.scope} ${row.gate} ${row.dimension} ${row.value}`, row]))
  return [...byKey.values()]
}

/** Adds to the sums what confirms these cells. False: it is there no more. */
export async function loadConfirming(
  store: Pick<Store, 'query'>,
  { sums, storedAt }: Pick<Settled, 'sums' | 'storedAt'>,
  keys: readonly string[],
): Promise<boolean> {
  const stored = keys.filter((key) => storedAt?.cells.has(key))
  if (storedAt === undefined || stored.length === 0) return true
  const { campaignId, slot, settledId } = storedAt
  const rows = once(await store.query<SumsRow>(confirmingSql, { campaignId, slot, settledId, cells: stored }))
  confirmCells(sums.cells, rows)
  return rows.length === stored.length
}

/** Who adds up the same rows writes the same, so two that do it at once do no harm. */
function settledIdOf(campaignId: string, untilMs: number, arrived: number): string {
  return sha256Hex(`${sumsVersion}\n${campaignId}\n${untilMs}\n${arrived}`).slice(0, 16)
}

/** `arrivals` as they were before the rows were read: what came meanwhile is then taken to have come since. */
export async function keepSettled(
  store: Pick<Store, 'insert'>,
  campaignId: string,
  arrivals: Arrivals,
  settled: Settled,
): Promise<void> {
  const { untilMs, rows, sums, open, endMs, judgeCounts, units } = settled
  const arrived = arrivedBefore(arrivals, untilMs)
  const place = {
    campaign_id: campaignId,
    slot: slotOf(untilMs),
    settled_id: settledIdOf(campaignId, untilMs, arrived),
    until: new Date(untilMs).toISOString(),
  }
  const parts = rowsOfSums(sums).map((row) => ({ ...place, ...row }))
  await store.insert('campaign_sums', parts)
  const { tally, chargedAt } = sums
  const told = { rows, pairs: tally, chargedAt, endMs, judgeCounts, units }
  const json = tallyJson({ ...told, open: [...open].map(([exchangeId, atMs]) => [atMs, exchangeId]) })
  // Last: whoever finds it finds the rest.
  await store.insert('campaign_settled', [
    { ...place, version: sumsVersion, arrived, parts: parts.length, tally: json },
  ])
}

/** Before the sums are kept that count them. */
export async function keepClosed(
  store: Pick<Store, 'insert'>,
  campaignId: string,
  conversations: readonly string[],
  untilMs: number,
): Promise<void> {
  const closed_by = new Date(untilMs).toISOString()
  const rows = conversations.map((id) => ({ campaign_id: campaignId, conversation: hashOf(id), closed_by }))
  await store.insert('campaign_conversations', rows)
}

/** Those of the conversations that were closed by then. */
export async function readClosed(
  store: Pick<Store, 'query'>,
  campaignId: string,
  conversations: ReadonlySet<string>,
  untilMs: number,
): Promise<Set<string>> {
  if (conversations.size === 0) return new Set()
  const byHash = new Map([...conversations].map((id) => [hashOf(id), id]))
  const rows = await store.query<{ conversation: string }>(closedSql, {
    campaignId,
    conversations: [...byHash.keys()],
    untilMs,
  })
  return new Set(rows.map(({ conversation }) => byHash.get(conversation)!))
}

const hashOf = (conversationId: string): string => sha256Hex(conversationId).slice(0, 16)

const arrivalsSql = `
SELECT toFloat64(toUnixTimestamp(hour)) * 1000 AS hourMs, toFloat64(sum(comparison_arrivals.arrived)) AS arrived
FROM comparison_arrivals
WHERE arm = {arm:String}
GROUP BY hour
ORDER BY hour`

const headsSql = `
SELECT
  settled_id AS settledId,
  slot,
  toFloat64(toUnixTimestamp64Milli(until)) AS untilMs,
  toFloat64(campaign_settled.arrived) AS arrived,
  toFloat64(campaign_settled.parts) AS parts
FROM campaign_settled
WHERE campaign_id = {campaignId:String} AND version = {version:UInt16}
  AND until <= fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')
ORDER BY until DESC, settled_at DESC`

const inSlot = 'campaign_id = {campaignId:String} AND slot = {slot:UInt16} AND settled_id = {settledId:String}'

const tallySql = `
SELECT tally
FROM campaign_settled
WHERE ${inSlot}
LIMIT 1`

const floats = new Set(['units', 'exchanges', 'marked', 'calm_units'])
const lists = new Set(['candidate_counts', 'reference_counts'])
const asFloat = (column: string) =>
  floats.has(column)
    ? `toFloat64(campaign_sums.${column}) AS ${column}`
    : lists.has(column)
      ? `arrayMap(count -> toFloat64(count), campaign_sums.${column}) AS ${column}`
      : column
const columns = sumsColumns.map(asFloat).join(', ')

const sumsSql = `
SELECT ${columns}
FROM campaign_sums
WHERE ${inSlot} AND scope IN ('gate', 'throughout', 'slice')`

const keptHeadsSql = `
SELECT settled_id AS settledId, slot, toFloat64(toUnixTimestamp64Milli(until)) AS untilMs
FROM
(
  SELECT settled_id, slot, until
  FROM campaign_settled
  WHERE campaign_id = {campaignId:String} AND version = {version:UInt16}
  ORDER BY slot, settled_at DESC
  LIMIT 1 BY slot
)
ORDER BY until`

const keptTalliesSql = `
SELECT settled_id AS settledId, tally
FROM campaign_settled
WHERE campaign_id = {campaignId:String} AND slot IN {slots:Array(UInt16)}`

const keptSumsSql = `
SELECT settled_id AS settledId, ${columns}
FROM campaign_sums
WHERE campaign_id = {campaignId:String} AND slot IN {slots:Array(UInt16)} AND scope IN ('gate', 'throughout')`

const confirmingSql = `
SELECT ${columns}
FROM campaign_sums
WHERE ${inSlot} AND scope = 'cell' AND concat(gate, ' ', value) IN {cells:Array(String)}`

// One row per gate: a name for each of thousands of numbers would be most of the answer.
const searchedSql = `
SELECT
  gate,
  groupArray(value) AS kinds,
  groupArray(toFloat64(discovery_units)) AS units,
  groupArray(toFloat64(discovery_exchanges)) AS exchanges,
  groupArray(discovery_sum) AS sums,
  groupArray(discovery_squares) AS squares
FROM campaign_sums
WHERE ${inSlot} AND scope = 'cell'
GROUP BY gate`

type Searched = { gate: string; kinds: string[] } & Record<'units' | 'exchanges' | 'sums' | 'squares', number[]>

const discoveryRows = ({ gate, kinds, units, exchanges, sums, squares }: Searched): DiscoveryRow[] =>
  kinds.map((value, index) => ({
    gate,
    value,
    discovery_units: units[index]!,
    discovery_exchanges: exchanges[index]!,
    discovery_sum: sums[index]!,
    discovery_squares: squares[index]!,
  }))

const closedSql = `
SELECT DISTINCT conversation
FROM campaign_conversations
WHERE campaign_id = {campaignId:String}
  AND conversation IN {conversations:Array(String)}
  AND closed_by <= fromUnixTimestamp64Milli({untilMs:Int64}, 'UTC')`
