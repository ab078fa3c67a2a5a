import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { knownMigrations, type Migration, migrate, splitStatements } from '../../../shared/store/migrations.ts'
import { type Store } from '../../../shared/store/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-migrations-'))
const store: Store = await openEmbedded(folder, 'embedded')

after(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  const found = await store.query<{ name: string; engine: string }>(
    'SELECT name, engine FROM system.tables WHERE database = currentDatabase()',
  )
  for (const { name, engine } of found) await store.command(`DROP ${engine === 'View' ? 'VIEW' : 'TABLE'} ${name} SYNC`)
})

const older: Migration = {
  name: '0001-words',
  sql: '-- words\nCREATE TABLE IF NOT EXISTS words (word String) ENGINE = MergeTree ORDER BY word;\n',
}
const newer: Migration = {
  name: '0002-length',
  sql: 'ALTER TABLE words ADD COLUMN IF NOT EXISTS size UInt32 DEFAULT length(word);\n',
}
const view = (columns: string): Migration => ({
  name: 'seen',
  sql: `CREATE OR REPLACE VIEW seen AS SELECT ${columns} FROM words;\n`,
})

test('the tables and views are made once, and a second run changes nothing', async () => {
  assert.deepEqual(
    (await migrate(store)).applied,
    knownMigrations().map((migration) => migration.name),
  )
  assert.deepEqual(await migrate(store), { applied: [] })

  for (const table of ['exchanges', 'observations', 'comparisons', 'dead_letters', 'ledger']) {
    assert.deepEqual(await store.query(`SELECT count() AS rows FROM ${table}_unique`), [{ rows: 0 }])
  }
})

test('an older store keeps its rows, gets what is missing, and its views are made anew', async () => {
  await migrate(store, { migrations: [older], views: [view('word')] })
  await store.insert('words', [{ word: 'kept' }])

  const { applied } = await migrate(store, { migrations: [older, newer], views: [view('word, size')] })

  assert.deepEqual(applied, ['0002-length'])
  assert.deepEqual(await store.query('SELECT * FROM seen'), [{ word: 'kept', size: 4 }])
})

test('rows that were stored before arrivals and settings were counted are counted, once, however often it is tried', async () => {
  const before = knownMigrations().filter(({ name }) => name < '0009')
  await migrate(store, { migrations: before, views: [] })
  const [exchange_id, arm] = ['00000000-0000-7000-8000-000000000001', 'small']
  const row = { exchange_id, arm, arm_fingerprint: 'first', captured_at: '2026-11-01T10:20:30Z' }
  await store.insert('comparisons', [{ ...row, comparison_id: exchange_id, asked_at: '2026-11-01T10:20:31Z' }])
  await store.insert('observations', [{ ...row, observation_id: exchange_id, asked_at: '2026-11-01T10:20:31Z' }])

  await migrate(store)
  for (const { sql } of knownMigrations().filter(({ name }) => name >= '0022'))
    for (const statement of splitStatements(sql)) await store.command(statement)

  const arrived = [{ arm, hour: '2026-11-01 10:00:00', came: 1 }]
  for (const table of ['comparison_arrivals', 'observation_arrivals'])
    assert.deepEqual(
      await store.query(
        `SELECT arm, toString(hour) AS hour, toFloat64(sum(arrived)) AS came FROM ${table} GROUP BY ALL`,
      ),
      arrived,
      table,
    )
  assert.deepEqual(await store.query('SELECT DISTINCT arm, fingerprint FROM arm_settings'), [
    { arm, fingerprint: 'first' },
  ])
  assert.deepEqual(
    await store.query(
      `SELECT source, arm, toString(day) AS on, toFloat64(sum(came)) AS all FROM day_arrivals GROUP BY source, arm, day
       ORDER BY source, arm`,
    ),
    [
      { source: 'comparisons', arm: '', on: '2026-11-01', all: 1 },
      { source: 'comparisons', arm, on: '2026-11-01', all: 1 },
      { source: 'observations', arm: '', on: '2026-11-01', all: 1 },
    ],
  )
})

test('a migration that failed half-way is run again', async () => {
  const broken = { ...newer, sql: `${newer.sql}ALTER TABLE not_there ADD COLUMN a Int32;\n` }
  await assert.rejects(migrate(store, { migrations: [older, broken], views: [] }), { code: 'STORE_QUERY_FAILED' })

  assert.deepEqual(await migrate(store, { migrations: [older, newer], views: [] }), { applied: ['0002-length'] })
})

test('a store that a newer version has changed is left alone, and the error says what to do', async () => {
  await migrate(store, { migrations: [older, newer], views: [] })

  await assert.rejects(migrate(store, { migrations: [older], views: [view('word')] }), {
    code: 'STORE_SCHEMA_NEWER',
    message: /0002-length.*run that version/s,
  })
  assert.deepEqual(await store.query("SELECT name FROM system.tables WHERE name = 'seen'"), [])
})

test('a store whose migration had another text is not taken for ours', async () => {
  await migrate(store, { migrations: [{ ...older, sql: older.sql.replace('words (', 'words  (') }], views: [] })

  await assert.rejects(migrate(store, { migrations: [older], views: [] }), { code: 'STORE_SCHEMA_NEWER' })
})

test('retention sets how long bodies and numbers live, and can be changed', async () => {
  const lifetimes = async (): Promise<Record<string, string>> => {
    const rows = await store.query<{ name: string; days: string }>(
      `SELECT name, extract(engine_full, 'toIntervalDay\\((\\d+)\\)') AS days FROM system.tables
       WHERE database = currentDatabase() AND engine LIKE 'Replacing%' AND name NOT IN ('schema_migrations', 'erasures') ORDER BY name`,
    )
    return Object.fromEntries(rows.map((row) => [row.name, row.days]))
  }
  await migrate(store, { retention: { bodiesDays: 30, metricsDays: 400 } })
  await migrate(store, { retention: { bodiesDays: 7, metricsDays: 400 } })

  assert.deepEqual(await lifetimes(), {
    campaign_conversations: '400',
    campaign_settled: '400',
    campaign_sums: '400',
    comparisons: '400',
    day_sums: '400',
    dead_letters: '7',
    exchange_bodies: '7',
    exchanges: '400',
    // What is frozen stays until it is erased.
    golden_items: '',
    golden_sets: '',
    labels: '400',
    ledger: '400',
    ledger_hours: '400',
    observation_bodies: '7',
    observations: '400',
    report_days: '400',
    scores: '400',
  })
})

test('a statement ends where its line ends with a semicolon, and nowhere else', () => {
  const sql = "-- about; this\n\nSELECT ';' AS a, -- not; here\n  'b;'\n;\n-- next\nSELECT 2; \n\n-- the end;\n"

  assert.deepEqual(splitStatements(sql), ["SELECT ';' AS a, -- not; here\n  'b;'", 'SELECT 2'])
})
