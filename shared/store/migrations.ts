import { readdirSync, readFileSync } from 'node:fs'
import { UnderstudyError } from '../errors.ts'
import { sha256Hex } from '../ids.ts'
import { inlineViews } from './inline-views.ts'
import { type Store } from './store.ts'

const sqlFolder = new URL('../../sql/', import.meta.url)

export type Migration = { name: string; sql: string }

/** The numbered files of `sql/`, in order. */
export function knownMigrations(folder = sqlFolder): Migration[] {
  return sqlFiles(folder).filter((file) => /^\d{4}-/.test(file.name))
}

/** The views, in the order of their file names, each file replacing its views; what one asks of another is put in its place. */
export function knownViews(folder = new URL('views/', sqlFolder)): Migration[] {
  return inlineViews(sqlFiles(folder))
}

export type Retention = { bodiesDays: number; metricsDays: number }

/**
 * Brings tables and views up to date; safe to run again, and by two processes. `retention` sets how long rows live.
 * STORE_SCHEMA_NEWER: a newer Understudy has been here, so nothing is touched.
 */
export async function migrate(
  store: Store,
  options: { retention?: Retention; migrations?: Migration[]; views?: Migration[] } = {},
): Promise<{ applied: string[] }> {
  const migrations = options.migrations ?? knownMigrations()
  await store.command(
    `CREATE TABLE IF NOT EXISTS schema_migrations
     (name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
     ENGINE = ReplacingMergeTree(applied_at) ORDER BY name`,
  )
  const recorded = await store.query<{ name: string; checksum: string }>(
    'SELECT name, argMax(checksum, applied_at) AS checksum FROM schema_migrations GROUP BY name',
  )
  refuseNewer(migrations, recorded)
  const done = new Set(recorded.map((row) => row.name))
  const waiting = migrations.filter((migration) => !done.has(migration.name))
  for (const migration of waiting) {
    await runAll(store, migration.sql)
    await store.insert('schema_migrations', [{ name: migration.name, checksum: sha256Hex(migration.sql) }])
  }
  for (const view of options.views ?? knownViews()) await runAll(store, view.sql)
  if (options.retention !== undefined) await applyRetention(store, options.retention)
  return { applied: waiting.map((migration) => migration.name) }
}

function refuseNewer(migrations: Migration[], recorded: { name: string; checksum: string }[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, sha256Hex(migration.sql)]))
  const foreign = recorded.filter((row) => known.get(row.name) !== row.checksum).map((row) => row.name)
  if (foreign.length === 0) return
  throw new UnderstudyError(
    'STORE_SCHEMA_NEWER',
    `the store's tables were made by another version of Understudy (${foreign.join(', ')}): run that version or a newer ` +
      'one, or name an empty folder or database in store',
  )
}

async function runAll(store: Store, sql: string): Promise<void> {
  for (const statement of splitStatements(sql)) await store.command(statement)
}

/** One statement ends at a semicolon that ends its line; leading comments and blank lines belong to no statement. */
export function splitStatements(sql: string): string[] {
  return sql
    .split(/;[ \t]*(?:\r?\n|$)/)
    .map((statement) => statement.replace(/^(?:--[^\n]*(?:\n|$)|\s)*/, '').trim())
    .filter((statement) => statement !== '')
}

/** Which tables hold content, and which only numbers and ids. Times are of storing: an import of old logs stays. */
const bodyTables = ['exchange_bodies', 'observation_bodies', 'dead_letters']
const metricTables = ['exchanges', 'observations', 'ledger']
const sumsTables = ['campaign_settled', 'campaign_sums', 'campaign_conversations', 'report_days']

async function applyRetention(store: Store, { bodiesDays, metricsDays }: Retention): Promise<void> {
  for (const table of bodyTables) await setTimeToLive(store, table, 'stored_at', bodiesDays)
  for (const table of metricTables) await setTimeToLive(store, table, 'stored_at', metricsDays)
  for (const table of sumsTables) await setTimeToLive(store, table, 'settled_at', metricsDays)
  await setTimeToLive(store, 'comparisons', 'compared_at', metricsDays)
  await setTimeToLive(store, 'day_sums', 'last_stored_at', metricsDays)
  await setTimeToLive(store, 'ledger_hours', 'last_stored_at', metricsDays)
  await setTimeToLive(store, 'scores', 'imported_at', metricsDays)
  await setTimeToLive(store, 'labels', 'labelled_at', metricsDays)
}

async function setTimeToLive(store: Store, table: string, column: string, days: number): Promise<void> {
  const timeToLive = `toDateTime(${column}) + toIntervalDay(${days})`
  const current = await store.query<{ engine_full: string }>(
    // On a cluster the rows are in NAME_local.
    "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name IN ({table:String}, {table:String} || '_local')",
    { table },
  )
  // Setting it anew would make the engine rewrite every part of the table.
  if (current.some(({ engine_full: engine }) => `${engine} `.includes(`TTL ${timeToLive} `))) return
  await store.command(`ALTER TABLE ${table} MODIFY TTL ${timeToLive}`)
}

function sqlFiles(folder: URL): Migration[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .map((file) => ({ name: file.slice(0, -'.sql'.length), sql: readFileSync(new URL(file, folder), 'utf8') }))
}
