import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { silentLogger as logger } from '../../../shared/logger.ts'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { serveStore } from '../../../shared/store/read-only-http.ts'
import { type Store } from '../../../shared/store/store.ts'

const root = mkdtempSync(join(tmpdir(), 'understudy-served-'))
const secretFile = join(root, 'secret.csv')
const outFile = join(root, 'out.csv')
let calledOut = 0
const outside = createServer((_, response) => {
  calledOut += 1
  response.end('1,2\n')
})
let store: Store
let served: Awaited<ReturnType<typeof serveStore>>
let client: ClickHouseClient

before(async () => {
  writeFileSync(secretFile, 'secret,1\n')
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve))
  store = await openEmbedded(join(root, 'store'), 'embedded')
  await store.command('CREATE TABLE words (id UInt32, word String) ENGINE = MergeTree ORDER BY id')
  await store.command('CREATE VIEW words_from AS SELECT * FROM words WHERE id >= {first:UInt32}')
  await store.insert('words', [
    { id: 1, word: 'one' },
    { id: 2, word: 'two' },
  ])
  served = await serveStore(store, { listen: '127.0.0.1:0', logger })
  client = createClient({ url: served.url, log: { level: ClickHouseLogLevel.OFF } })
})

after(async () => {
  await client.close()
  await served.stop()
  await store.close()
  outside.close()
  rmSync(root, { recursive: true, force: true })
})

const ask = async (sql: string, parameters: Record<string, string> = {}): Promise<Response> =>
  await fetch(`${served.url}/?${new URLSearchParams({ query: sql, ...parameters }).toString()}`)

test('the ClickHouse client pings and queries it, with parameters of every kind', async () => {
  const params = {
    text: "it's\ta \\ 'quote'\n",
    list: ["a'b", 'c\\d', 'e\tf'],
    map: { a: 1.5 },
    at: '2026-11-01',
    none: null,
  }
  const query = `SELECT {text:String} AS text, {list:Array(String)} AS list, {map:Map(String, Float64)} AS map,
    {at:DateTime64(3)} AS at, {none:Nullable(String)} AS none`

  assert.deepEqual([await client.ping(), await client.ping({ select: true })], [{ success: true }, { success: true }])
  const result = await client.query({ query, query_params: params, format: 'JSONEachRow' })
  assert.deepEqual(await result.json(), [{ ...params, at: '2026-11-01 00:00:00.000' }])
})

test('the client’s compression, both ways, is understood', async () => {
  const compressing = createClient({ url: served.url, compression: { request: true, response: true } })
  const result = await compressing.query({ query: "SELECT repeat('x', 100000) AS long", format: 'JSONEachRow' })

  assert.deepEqual(await result.json(), [{ long: 'x'.repeat(100_000) }])
  await compressing.close()
  const zipped = await fetch(served.url, {
    method: 'POST',
    body: gzipSync('SELECT 1'),
    headers: { 'content-encoding': 'gzip' },
  })
  assert.equal(await zipped.text(), '1\n')
})

test('curl’s ways are understood: query in the URL, in the body, or begun in one and ended in the other', async () => {
  assert.equal(await (await ask('SELECT word FROM words ORDER BY id')).text(), 'one\ntwo\n')
  const posted = await fetch(served.url, { method: 'POST', body: 'SELECT count() FROM words FORMAT JSONEachRow' })
  assert.deepEqual(await posted.json(), { 'count()': 2 })
  const split = await fetch(`${served.url}/?query=SELECT`, { method: 'POST', body: '1 + 1' })
  assert.equal(await split.text(), '2\n')
  assert.equal(await (await fetch(`${served.url}/ping`)).text(), 'Ok.\n')
})

test('parameters, a parameterised view and the default format come from the URL', async () => {
  const answer = await ask('SELECT word FROM words_from(first = {first:UInt32})', {
    param_first: '2',
    default_format: 'CSV',
  })

  assert.equal(await answer.text(), '"two"\n')
  assert.equal(answer.headers.get('x-clickhouse-format'), 'CSV')
})

test('the FORMAT of the query wins and is told in the headers', async () => {
  const answer = await ask("SELECT 'FORMAT CSV' AS x FORMAT JSONCompactEachRow", { default_format: 'CSV' })

  assert.equal(await answer.text(), '["FORMAT CSV"]\n')
  assert.equal(answer.headers.get('x-clickhouse-format'), 'JSONCompactEachRow')
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
})

test('a mistake is answered in ClickHouse’s shape', async () => {
  const answer = await ask('SELECT * FROM nothing_here')

  assert.equal(answer.status, 404)
  assert.equal(answer.headers.get('x-clickhouse-exception-code'), '60')
  assert.match(await answer.text(), /^Code: 60\. DB::Exception: .*\(UNKNOWN_TABLE\)/s)
  await assert.rejects(client.query({ query: 'SELEC 1' }), { code: '62', type: 'SYNTAX_ERROR' })
})

const address = (): string => `http://127.0.0.1:${(outside.address() as AddressInfo).port}`
const refused: Record<string, () => string> = {
  INSERT: () => "INSERT INTO words VALUES (3, 'three')",
  'INSERT … SELECT behind WITH': () => "WITH 3 AS x INSERT INTO words SELECT x, 'three'",
  DROP: () => 'DROP TABLE words',
  'ALTER … DELETE': () => 'ALTER TABLE words DELETE WHERE 1',
  'DELETE FROM': () => 'DELETE FROM words WHERE 1',
  TRUNCATE: () => 'TRUNCATE TABLE words',
  CREATE: () => 'CREATE TABLE more (a Int32) ENGINE = Memory',
  'CREATE TEMPORARY': () => 'CREATE TEMPORARY TABLE more (a Int32)',
  RENAME: () => 'RENAME TABLE words TO more',
  OPTIMIZE: () => 'OPTIMIZE TABLE words FINAL',
  SYSTEM: () => 'SYSTEM STOP MERGES',
  KILL: () => 'KILL QUERY WHERE 1',
  USE: () => 'USE system',
  BACKUP: () => `BACKUP TABLE words TO File('${outFile}')`,
  'SET readonly': () => 'SET readonly = 0',
  'SETTINGS readonly': () => 'SELECT 1 SETTINGS readonly = 0',
  'a write behind a read': () => "SELECT 1; INSERT INTO words VALUES (3, 'three')",
  'a setting and a write': () => "SET readonly = 0; INSERT INTO words VALUES (3, 'three')",
  'INTO OUTFILE': () => `SELECT 1 INTO OUTFILE '${outFile}'`,
  'INTO OUTFILE behind a comment': () => `SELECT 1 /* ' */ INTO/**/OUTFILE '${outFile}' -- '`,
  'SHOW … INTO OUTFILE': () => `SHOW TABLES INTO OUTFILE '${outFile}'`,
  'EXPLAIN … INTO OUTFILE': () => `EXPLAIN AST SELECT 1 INTO OUTFILE '${outFile}'`,
  'file() as a table': () => `SELECT * FROM file('${secretFile}', 'CSV')`,
  'file() as a value': () => `SELECT file('${secretFile}')`,
  'FILE() in a lambda': () => `SELECT arrayMap(path -> FiLe(path), ['${secretFile}'])`,
  'file() quoted': () => `SELECT * FROM \`file\`('${secretFile}')`,
  'file() double-quoted': () => `SELECT * FROM "file"('${secretFile}')`,
  'file() behind a comment': () => `SELECT * FROM file /* ) */ ('${secretFile}')`,
  'a file as a table': () => `SELECT * FROM \`${secretFile}\``,
  'file() in view()': () => `SELECT * FROM view(SELECT * FROM file('${secretFile}', 'CSV'))`,
  'DESCRIBE file()': () => `DESCRIBE file('${secretFile}')`,
  'DESCRIBE url()': () => `DESCRIBE TABLE url('${address()}/describe')`,
  'EXPLAIN of url()': () => `EXPLAIN SELECT * FROM url('${address()}/explain')`,
  'url()': () => `SELECT * FROM url('${address()}/url', 'CSV', 'a Int32, b Int32')`,
  's3()': () => `SELECT * FROM s3('${address()}/bucket/key.csv', 'CSV')`,
  'remote()': () => `SELECT * FROM remote('${address().slice(7)}', 'system.one')`,
  'mysql()': () => `SELECT * FROM mysql('${address().slice(7)}', 'd', 't', 'u', 'p')`,
  'executable()': () => "SELECT * FROM executable('id', 'TSV', 'a String')",
  'merge()': () => "SELECT * FROM merge(REGEXP('.*'), 'words')",
}

for (const [name, sql] of Object.entries(refused)) {
  test(`${name} is refused and does nothing`, async () => {
    const answer = await fetch(served.url, { method: 'POST', body: sql() })

    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}: ${await answer.clone().text()}`)
    assert.match(await answer.text(), /^Code: \d+\. DB::Exception: /)
    assert.deepEqual(await store.query('SELECT id FROM words ORDER BY id'), [{ id: 1 }, { id: 2 }])
    assert.deepEqual([existsSync(outFile), calledOut], [false, 0])
  })
}

test('a file named by an identifier parameter is not read', async () => {
  const answer = await ask('SELECT * FROM {name:Identifier}', { param_name: secretFile })

  assert.ok(answer.status >= 400 && answer.status < 500)
  assert.doesNotMatch(await answer.text(), /secret,1/)
})

test('words that only look like a way out are answered', async () => {
  const answer = await ask("SELECT 'INTO OUTFILE url(' AS `file(`, format('{}', 'x'), sum(number) FROM numbers(3)")

  assert.equal(await answer.text(), 'INTO OUTFILE url(\tx\t3\n')
})

test('a setting in the URL that would change the answer is refused, never ignored', async () => {
  assert.equal((await ask('SELECT 1', { output_format_json_named_tuples_as_objects: '0' })).status, 403)
  assert.equal((await ask('SELECT 1', { database: 'other' })).status, 404)
  assert.equal((await ask('SELECT 1', { max_execution_time: '30', wait_end_of_query: '1' })).status, 200)
})

test('a request over the size limit is refused', async () => {
  const answer = await fetch(served.url, { method: 'POST', body: `SELECT '${'x'.repeat(1_100_000)}'` })

  assert.equal(answer.status, 413)
})

test('a page that calls the address by a name of its own gets no answer', async () => {
  const status = await new Promise((resolve, reject) => {
    const call = request(`${served.url}/?query=SELECT+1`, { headers: { host: 'attacker.example' } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    call.once('error', reject).end()
  })

  assert.equal(status, 421)
})

test('queries asked at once are each given their own answer', async () => {
  const answers = await Promise.all(
    Array.from(
      { length: 20 },
      async (_, index) => await (await ask('SELECT {n:UInt32}', { param_n: String(index) })).text(),
    ),
  )

  assert.deepEqual(
    answers,
    Array.from({ length: 20 }, (_, index) => `${index}\n`),
  )
})

test('an address that is taken is named with the cure', async () => {
  await assert.rejects(serveStore(store, { listen: served.url.slice('http://'.length), logger }), {
    code: 'PORT_TAKEN',
    message: /store\.listen/,
  })
})
