import { setTimeout as sleep } from 'node:timers/promises'
import { type Config } from '../../../shared/config/schema.ts'
import { type About, meaning, type Subject } from '../../../shared/erasure/about.ts'
import { addToErasureList, settlesAfterMs } from '../../../shared/erasure/erasure-list.ts'
// `import type`: an embedded log needs no Kafka client.
import type { TopicRetention } from '../../../shared/log/kafka.ts'
import { type ClaimStore } from '../../../shared/log/claims/claim-store.ts'
import { deleteErasing, exchangesOf, oldParts, openErasing, tablesOfExchanges } from '../../../shared/store/erase.ts'
import { type Store } from '../../../shared/store/store.ts'
import { erasedRow } from '../../record/erased.ts'
import { afterErasure } from './after-erasure.ts'
import { ledgerHoursOfErasing, reopenLedgerHours } from './ledger-hours.ts'
import { openLetters } from './letters.ts'
import { eraseFrom, type Line, type Place } from './place.ts'
import {
  aboutsOutside,
  claimsPlace,
  lettersPlace,
  logPlaces,
  notesPlace,
  spoolPlaces,
  tablePlace,
  type TextOf,
} from './places.ts'

export type Erasure = { exchanges: number; lines: Line[]; isDone: boolean; listedUntil: string }

export type EraseContext = {
  config: Pick<Config, 'tap' | 'log' | 'retention'>
  /** Opened as its owner, migrated. */
  store: Store
  /** Of the topics of a Kafka log; none where the log is embedded. */
  topics: TopicRetention[]
  /** Where a Kafka log's large records are kept; null: it has none. */
  claims: ClaimStore | null
  textOf: TextOf
  now: Date
  /** False: only look. */
  isMeantSeriously: boolean
}

const dayMs = 86_400_000

/** Finds all that is kept of these subjects, takes it away, and searches all of it again. */
export async function eraseEverywhere(subjects: readonly Subject[], context: EraseContext): Promise<Erasure> {
  const { store, config, now, topics } = context
  const expiresAt = new Date(now.getTime() + longestMs(config, topics))
  if (context.isMeantSeriously) {
    await addToErasureList(store, subjects, { at: now, expiresAt })
    // A running `record` may have looked at the list a moment ago, and store what it has in hand.
    if (store.kind === 'server') await sleep(settlesAfterMs)
  }
  const found = await searchAll(subjects, context)
  const all = [...subjects, ...found.exchangeIds.map((id): Subject => ({ kind: 'exchange', id }))]
  const erasing = await openErasing(store, found.exchangeIds)
  try {
    const places = await placesOf(all, found.exchangeIds, context)
    const counts: (number | null)[] = []
    for (const place of places) counts.push(await place.count())
    const lines = context.isMeantSeriously
      ? await eraseAll(places, counts, { all, found: found.abouts, expiresAt, context })
      : places.map(({ name }, index) => lookedAt(name, counts[index] ?? null))
    const told = [...lines, ...closedLines(subjects, found.closed), ...topics.map((topic) => topicLine(topic, now))]
    return {
      exchanges: found.exchangeIds.length,
      lines: told,
      isDone: told.every(({ isOpen }) => !isOpen),
      listedUntil: expiresAt.toISOString(),
    }
  } finally {
    await erasing.drop()
  }
}

async function searchAll(
  subjects: readonly Subject[],
  { store, config, claims, textOf }: EraseContext,
): Promise<{ exchangeIds: string[]; abouts: About[]; closed: number }> {
  const isMeant = meaning(subjects)
  const { abouts: waiting, closed } = await aboutsOutside({ config, claims }, isMeant, textOf)
  const abouts = [...waiting, ...(await openLetters(store, textOf).about(isMeant))]
  const outside = abouts.flatMap(({ exchangeId }) => exchangeId ?? [])
  return { exchangeIds: [...new Set([...(await exchangesOf(store, subjects)), ...outside])], abouts, closed }
}

/** In the order in which a record goes, so that nothing erased comes in again from behind. */
async function placesOf(
  all: readonly Subject[],
  exchangeIds: readonly string[],
  context: EraseContext,
): Promise<Place[]> {
  const { store, config, claims, textOf } = context
  const isMeant = meaning(all)
  const tables = (await tablesOfExchanges(store)).filter((table) => table !== 'dead_letters')
  return [
    ...spoolPlaces(config.tap.spool.folder, isMeant, textOf),
    ...('embedded' in config.log ? logPlaces(config.log.embedded, isMeant, textOf) : []),
    ...('embedded' in config.log ? notesPlace(config.log.embedded, exchangeIds) : []),
    ...(claims === null ? [] : [claimsPlace(claims, isMeant, textOf)]),
    ...tables.map((table) => tablePlace(store, table)),
    lettersPlace(openLetters(store, textOf), isMeant),
  ]
}

type Work = { all: readonly Subject[]; found: readonly About[]; expiresAt: Date; context: EraseContext }

async function eraseAll(
  places: readonly Place[],
  counts: readonly (number | null)[],
  { all, found, expiresAt, context }: Work,
): Promise<Line[]> {
  const { store, now } = context
  await addToErasureList(store, all, { at: now, expiresAt })
  await countInLedger(store, found)
  const span = await capturedSpan(store)
  const hours = await ledgerHoursOfErasing(store)
  const lines: Line[] = []
  for (const [index, place] of places.entries()) lines.push(await eraseFrom(place, counts[index] ?? null))
  if (span !== null) await afterErasure(store, span)
  await reopenLedgerHours(store, hours)
  return [...lines, await partsLine(store, now)]
}

/** Before the rows go: an exchange that was published is then neither missing nor counted twice. */
async function countInLedger(store: Store, outside: readonly About[]): Promise<void> {
  const stored = await store.query<{
    exchangeId: string
    capturedAtMs: number
    upstream: string
    route: string
    source: string
  }>(
    `SELECT toString(exchange_id) AS exchangeId, toFloat64(toUnixTimestamp64Milli(captured_at)) AS capturedAtMs, upstream, route, source
     FROM exchanges_unique WHERE exchange_id IN (SELECT exchange_id FROM erasing)`,
  )
  const abouts: About[] = stored.map(({ exchangeId, capturedAtMs, upstream, route, source }) => ({
    exchangeId,
    conversationId: null,
    tenantId: null,
    capturedAt: new Date(capturedAtMs).toISOString(),
    counted: { upstream, route, source },
  }))
  const rows = [...abouts, ...outside].flatMap(erasedRow)
  for (let from = 0; from < rows.length; from += 10_000) await store.insert('ledger', rows.slice(from, from + 10_000))
}

async function capturedSpan(store: Store): Promise<{ from: Date; until: Date } | null> {
  const [row] = await store.query<{ rows: number; fromMs: number; untilMs: number }>(
    `SELECT toFloat64(count()) AS rows, toFloat64(toUnixTimestamp64Milli(min(captured_at))) AS fromMs,
       toFloat64(toUnixTimestamp64Milli(max(captured_at))) AS untilMs
     FROM comparisons WHERE exchange_id IN (SELECT exchange_id FROM erasing)`,
  )
  return row!.rows === 0 ? null : { from: new Date(row!.fromMs), until: new Date(row!.untilMs) }
}

function lookedAt(where: string, found: number | null): Line {
  return { where, found, erased: 0, left: found, note: null, isOpen: false }
}

/** What merges have put aside may hold rows that are erased, whether their table still knew them or not. */
async function partsLine(store: Store, now: Date): Promise<Line> {
  const tables = await tablesOfExchanges(store)
  const old = await oldParts(store, tables)
  if (store.kind === 'embedded') for (const table of old.tables) await deleteErasing(store, table)
  const { tables: left, keptSeconds } = await oldParts(store, tables)
  // A server looks for old files every few minutes.
  const gone = new Date(now.getTime() + keptSeconds * 1000 + 600_000).toISOString()
  const note = left.length === 0 ? null : `the server keeps old files of its tables until ${gone} at the latest`
  const isOpen = left.length > 0 && store.kind === 'embedded'
  return { where: 'files of the tables', found: null, erased: null, left: left.length === 0 ? 0 : null, note, isOpen }
}

/** A conversation is known by the key of its records; whether a tenant's are among those that do not open, nobody can say. */
function closedLines(subjects: readonly Subject[], closed: number): Line[] {
  if (closed === 0 || subjects.every(({ kind }) => kind === 'conversation')) return []
  const note = 'sealed with a key that is not here (understudy doctor says which): set it, and do this again'
  return [{ where: 'records not read', found: closed, erased: null, left: null, note, isOpen: true }]
}

function topicLine({ topic, maxMs, isCompacted }: TopicRetention, now: Date): Line {
  const line = { where: `topic ${topic}`, found: null, erased: null, left: null }
  if (isCompacted)
    return { ...line, note: 'ids and counts only, no text; overwritten as replay and compare go on', isOpen: false }
  if (maxMs === null) {
    return { ...line, note: 'nothing ever expires here: set retention.ms of the topic', isOpen: true }
  }
  const gone = new Date(now.getTime() + maxMs).toISOString()
  return { ...line, note: `cannot be taken out of a topic; expires by ${gone} at the latest`, isOpen: false }
}

/** Longer than anything can come back: from a topic, or from a backup of the store's longest rows. */
function longestMs({ retention }: EraseContext['config'], topics: readonly TopicRetention[]): number {
  const endless = topics.some(({ maxMs, isCompacted }) => maxMs === null && !isCompacted)
  return (
    Math.max(retention.metricsDays * dayMs, endless ? 3650 * dayMs : 0, ...topics.map(({ maxMs }) => maxMs ?? 0)) +
    30 * dayMs
  )
}
