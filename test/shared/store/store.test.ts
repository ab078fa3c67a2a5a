import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type StoreConfig } from '../../../shared/config/schema.ts'
import { silentLogger as logger } from '../../../shared/logger.ts'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { openStore } from '../../../shared/store/open.ts'
import { type Store } from '../../../shared/store/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-store-'))
let store: Store

before(async () => {
  store = await openEmbedded(folder, 'embedded')
  await store.command(
    `CREATE TABLE things (id UInt32, at DateTime64(3, 'UTC'), big UInt64, flag Nullable(Bool), scores Map(String, Float64),
       words Array(String)) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 10`,
  )
})

after(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const thing = (id: number): object => ({
  id,
  at: '2026-11-01T10:00:00.123Z',
  big: 123,
  flag: null,
  scores: { text: 0.5 },
  words: ["it's", 'a\\b', 'two\nlines', '{id:UInt32}', '😀'],
})

const ids = async (): Promise<number[]> =>
  (await store.query<{ id: number }>('SELECT id FROM things ORDER BY id')).map((row) => row.id)

test('a row comes back as it went in, with numbers as numbers', async () => {
  await store.insert('things', [thing(1)])

  const rows = await store.query('SELECT * FROM things WHERE id = 1')

  assert.deepEqual(rows, [{ ...thing(1), at: '2026-11-01 10:00:00.123' }])
})

test('values are bound by the engine and never read as SQL', async () => {
  const hostile = "x' OR 1=1; DROP TABLE things -- \\ \t{id:UInt32}"

  const rows = await store.query<{ text: string; list: string[] }>(
    'SELECT {text:String} AS text, {list:Array(String)} AS list',
    {
      text: hostile,
      list: [hostile],
    },
  )

  assert.deepEqual(rows, [{ text: hostile, list: [hostile] }])
})

test('rows that come again are stored again, even in a table that would know their block', async () => {
  await store.insert('things', [thing(10)])
  await store.insert('things', [thing(10)])
  await store.insert('things', [thing(11)])

  assert.deepEqual(
    (await ids()).filter((id) => id >= 10 && id < 20),
    [10, 10, 11],
  )
})

test('an insert of several megabytes in one block is taken', async () => {
  const rows = Array.from({ length: 2000 }, (_, index) => ({ ...thing(1000 + index), words: ['x'.repeat(4000)] }))

  await store.insert('things', rows)

  assert.deepEqual(
    await store.query('SELECT count() AS stored, sum(length(words[1])) AS bytes FROM things WHERE id >= 1000'),
    [{ stored: 2000, bytes: 8_000_000 }],
  )
})

test('a row that the engine refuses is refused for good, without a word of its content', async () => {
  await assert.rejects(store.insert('things', [{ ...thing(2), big: 'my secret' }]), (err: Error) => {
    assert.equal('code' in err && err.code, 'STORE_QUERY_FAILED')
    assert.match(err.message, /column big/)
    assert.doesNotMatch(err.message + String(err.cause), /secret/)
    return true
  })
})

test('a column that the table does not have is refused, never left out', async () => {
  await assert.rejects(store.insert('things', [{ ...thing(3), mistyped: 1 }]), { code: 'STORE_QUERY_FAILED' })
})

test('an insert into a table that is not there yet may be tried again: the rows are not to blame', async () => {
  await assert.rejects(store.insert('nothing_here', [thing(4)]), { code: 'STORE_UNAVAILABLE', retryable: true })
})

test('a query the engine refuses tells ClickHouse’s own message', async () => {
  await assert.rejects(store.query('SELECT * FROM nothing_here'), {
    code: 'STORE_QUERY_FAILED',
    retryable: false,
    message: /Code: 60.*nothing_here.*UNKNOWN_TABLE/s,
  })
})

test('text comes in the format asked for, and the query’s own FORMAT wins', async () => {
  assert.equal(await store.queryText('SELECT 1 AS a', 'CSVWithNames'), '"a"\n1\n')
  assert.equal(await store.queryText('SELECT 1 AS a FORMAT JSONEachRow', 'CSVWithNames'), '{"a":1}\n')
})

test('an answer in a format that is no text comes as its bytes', async () => {
  const bytes = await store.queryBytes('SELECT toUInt8(200) AS a', 'Parquet')

  assert.equal(bytes.subarray(0, 4).toString('latin1'), 'PAR1')
  assert.equal(bytes.subarray(-4).toString('latin1'), 'PAR1')
})

test('a long query does not hold up an insert', async () => {
  const order: string[] = []
  await Promise.all([
    store.query('SELECT sleep(1)').then(() => order.push('query')),
    store.insert('things', [thing(20)]).then(() => order.push('insert')),
  ])

  assert.deepEqual(order, ['insert', 'query'])
})

test('the engine in this process answers a ping', async () => {
  await store.ping(5000)
})

const server = (url: string): StoreConfig => ({
  clickhouse: { url, database: 'understudy', username: 'default', password: '' },
})

test('a server that does not answer is unavailable, and the error says where and how to mend it', async () => {
  const unreachable = { code: 'STORE_UNAVAILABLE', retryable: true, message: /127\.0\.0\.1:9.*store\.clickhouse/s }

  await assert.rejects(openStore(server('http://127.0.0.1:9'), { logger, access: 'owner' }), unreachable)
  const reader = await openStore(server('http://127.0.0.1:9'), { logger, access: 'reader' })
  await assert.rejects(reader.query('SELECT 1'), unreachable)
  await assert.rejects(reader.insert('things', [thing(1)]), unreachable)
  await assert.rejects(reader.ping(1000), unreachable)
  await reader.close()
})

test('a server that takes the connection and says nothing fails the ping in time', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await new Promise((resolve) => silent.once('listening', resolve))
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const reader = await openStore(server(url), { logger, access: 'reader' })

  await assert.rejects(reader.ping(50), { code: 'STORE_UNAVAILABLE' })

  silent.closeAllConnections()
  silent.close()
  await reader.close()
})

test('what is sent to a server: rows as lines, strictness in the URL, the database created once', async (context) => {
  const seen: { url: URL; body: string }[] = []
  const pretend = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      seen.push({ url: new URL(request.url ?? '', 'http://x'), body })
      response.end()
    })
  }).listen(0, '127.0.0.1')
  context.after(() => pretend.close())
  await new Promise((resolve) => pretend.once('listening', resolve))
  const url = `http://127.0.0.1:${(pretend.address() as AddressInfo).port}`

  const owner = await openStore(server(url), { logger, access: 'owner' })
  await owner.insert('things', [{ id: 1 }, { id: 2 }])
  await owner.close()

  const [create, , columns, insert] = seen
  assert.match(columns!.body, /FROM system\.columns/)
  assert.match(create!.body, /CREATE DATABASE IF NOT EXISTS/)
  assert.equal(create!.url.searchParams.get('param_database'), 'understudy')
  assert.equal(insert!.body, '{"id":1}\n{"id":2}\n')
  assert.equal(insert!.url.searchParams.get('database'), 'understudy')
  assert.match(insert!.url.searchParams.get('query') ?? '', /^INSERT INTO things/)
  assert.equal(insert!.url.searchParams.get('insert_deduplicate'), '0')
  assert.equal(insert!.url.searchParams.get('input_format_skip_unknown_fields'), '0')
})
