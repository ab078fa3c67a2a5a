import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as fc from 'fast-check'
import { rowsOf } from '../../../services/record/rows.ts'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { encodeNative } from '../../../shared/store/native.ts'
import { type Store } from '../../../shared/store/store.ts'
import { aComparison, aDeadLetter, aLedgerEntry, anExchange, anObservation } from '../../services/record/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-native-'))
let store: Store

const types = {
  id: 'UInt32',
  id64: 'UUID',
  at: "DateTime64(3, 'UTC')",
  word: 'LowCardinality(String)',
  text: 'Nullable(String)',
  flag: 'Bool',
  maybe: 'Nullable(Bool)',
  small: 'Nullable(UInt16)',
  big: 'UInt64',
  signed: 'Int64',
  share: 'Nullable(Float64)',
  list: 'Array(LowCardinality(String))',
  numbers: 'Array(Float64)',
  scores: 'Map(LowCardinality(String), Float64)',
  notes: 'Map(String, Array(String))',
}
const columns = Object.entries(types).map(([name, type]) => ({ name, type }))

before(async () => {
  store = await openEmbedded(folder, 'embedded')
  await migrate(store)
  await store.command(
    `CREATE TABLE all_types (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')}) ENGINE = MergeTree ORDER BY id`,
  )
})

after(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

// JSON, which the rows are read back as, has one zero.
const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const text = fc.string({ unit: 'grapheme', maxLength: 300 })
const aRow = fc.record({
  id64: fc.uuid(),
  at: fc
    .date({ min: new Date('1970-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
    .map((at) => at.toISOString()),
  word: text,
  text: fc.option(text),
  flag: fc.boolean(),
  maybe: fc.option(fc.boolean()),
  small: fc.option(fc.nat(0xffff)),
  big: fc.maxSafeNat(),
  signed: fc.maxSafeInteger(),
  share: fc.option(double),
  list: fc.array(text, { maxLength: 4 }),
  numbers: fc.array(double, { maxLength: 4 }),
  scores: fc.dictionary(text, double, { maxKeys: 4 }),
  notes: fc.dictionary(text, fc.array(text, { maxLength: 3 }), { maxKeys: 3 }),
})

/** As the engine writes it. */
function told(row: Record<string, unknown>): object {
  return JSON.parse(JSON.stringify({ ...row, at: String(row['at']).replace('T', ' ').replace('Z', '') })) as object
}

test('whatever a row holds comes back from the engine as it went in', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aRow, { minLength: 1, maxLength: 12 }), async (given) => {
      const rows = given.map((row, id) => ({ id, ...row }))
      await store.command('TRUNCATE TABLE all_types')
      await store.insert('all_types', rows)
      assert.deepEqual(await store.query('SELECT * FROM all_types ORDER BY id'), rows.map(told))
    }),
    { numRuns: 60 },
  )
})

test('what is absent or null where there is no null becomes the empty value, as with JSON', async () => {
  await store.command('TRUNCATE TABLE all_types')
  await store.insert('all_types', [
    { id: 1, word: null, big: null, list: undefined, scores: null, at: null, share: null },
  ])
  const [row] = await store.query<Record<string, unknown>>('SELECT * FROM all_types')
  assert.deepEqual(
    [row!['word'], row!['big'], row!['list'], row!['scores'], row!['at'], row!['share']],
    ['', 0, [], {}, '1970-01-01 00:00:00.000', null],
  )
})

test('half of a pair of surrogates is stored as the mark for what cannot be read', async () => {
  await store.command('TRUNCATE TABLE all_types')
  await store.insert('all_types', [{ id: 1, text: 'cut \ud83d' }])
  assert.deepEqual(await store.query('SELECT text FROM all_types'), [{ text: 'cut \ufffd' }])
})

for (const [name, value] of [
  ['id', 1.5],
  ['id', -1],
  ['id', 2 ** 32],
  ['small', '7'],
  ['flag', 1],
  ['at', 'yesterday'],
  ['id64', '123'],
  ['word', 7],
  ['list', 'a'],
  ['scores', [1]],
  ['scores', { a: 'secret' }],
] as const) {
  test(`${JSON.stringify(value)} is refused in ${name}, with the column and without the value`, async () => {
    await assert.rejects(store.insert('all_types', [{ id: 1, [name]: value }]), (err: Error) => {
      assert.equal('code' in err && err.code, 'STORE_QUERY_FAILED')
      assert.match(err.message, new RegExp(`column ${name} takes ${types[name].replaceAll(/[()]/g, String.raw`\$&`)}`))
      assert.doesNotMatch(err.message, /secret|yesterday/)
      return true
    })
  })
}

test('a type that is not written natively goes as JSON, with the same result', async () => {
  assert.equal(encodeNative([{ name: 'a', type: 'Decimal(9, 2)' }], [{ a: 1 }]), null)
  await store.command('CREATE TABLE prices (id UInt32, price Decimal(9, 2)) ENGINE = MergeTree ORDER BY id')
  await store.insert('prices', [{ id: 1, price: 12.25 }])
  assert.deepEqual(await store.query('SELECT id, toFloat64(price) AS price FROM prices'), [{ id: 1, price: 12.25 }])
})

test('a column that another process has added since is found', async () => {
  await store.command('CREATE TABLE grows (id UInt32) ENGINE = MergeTree ORDER BY id')
  await store.insert('grows', [{ id: 1 }])
  await store.command('ALTER TABLE grows ADD COLUMN word String')
  await store.insert('grows', [{ id: 2, word: 'new' }])
  assert.deepEqual(await store.query('SELECT * FROM grows ORDER BY id'), [
    { id: 1, word: '' },
    { id: 2, word: 'new' },
  ])
})

test('every table of ours is written natively', async () => {
  const set = { version: 1 as const, exchange: anExchange(), servedCostUsd: null, observations: [anObservation()] }
  const tables: Record<string, object[]> = {
    ...rowsOf.exchanges(anExchange()),
    ...rowsOf.observations(set),
    ...rowsOf.comparisons(aComparison()),
    ...rowsOf['dead-letters'](aDeadLetter()),
    ...rowsOf.ledger(aLedgerEntry('a')),
  }
  for (const [table, rows] of Object.entries(tables)) {
    const known = await store.query<{ name: string; type: string }>(
      'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String}',
      { table },
    )
    const names = new Set(rows.flatMap((row) => Object.keys(row)))
    assert.ok(
      encodeNative(
        known.filter(({ name }) => names.has(name)),
        rows,
      ) !== null,
      table,
    )
    await store.insert(table, rows)
  }
})

test('nothing is left beside the store of what was handed over to the engine', () => {
  assert.deepEqual(readdirSync(join(folder, 'inserts')), [])
})
