import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { silentLogger as logger } from '../../../shared/logger.ts'
import { openStore } from '../../../shared/store/open.ts'

const root = mkdtempSync(join(tmpdir(), 'understudy-open-'))
const owners: ChildProcess[] = []

after(() => {
  for (const owner of owners) owner.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

const ownerProgram = `
  import { createLogger } from './shared/logger.ts'
  import { openStore } from './shared/store/open.ts'
  import { serveStore } from './shared/store/read-only-http.ts'
  const [folder, serve] = process.argv.slice(1)
  const logger = createLogger('owner', 'silent')
  const store = await openStore({ embedded: folder, listen: '127.0.0.1:0' }, { logger, access: 'owner' })
  await store.command('CREATE TABLE IF NOT EXISTS words (word String) ENGINE = MergeTree ORDER BY word')
  await store.insert('words', [{ word: 'from the owner' }])
  const served = serve === 'serve' ? await serveStore(store, { listen: '127.0.0.1:0', logger }) : { url: '' }
  console.log('ready ' + served.url)
  setInterval(() => {}, 1000)
`

/** Another process that owns the folder, and the address it serves where it does. */
async function startOwner(folder: string, serve: boolean): Promise<{ child: ChildProcess; listen: string }> {
  const child = spawn(
    process.execPath,
    ['--input-type=module-typescript', '-e', ownerProgram, folder, serve ? 'serve' : ''],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  owners.push(child)
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, listen: line.toString().replace('ready http://', '').trim() }
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('a folder that another process owns is locked: the error names the folder, the process and the cure', async () => {
  const folder = join(root, 'locked')
  const { child } = await startOwner(folder, false)
  const config = { embedded: folder, listen: '127.0.0.1:9' }

  for (const access of ['owner', 'reader'] as const) {
    await assert.rejects(openStore(config, { logger, access }), {
      code: 'STORE_LOCKED',
      message: new RegExp(`${folder} is held by process ${child.pid}.*store\\.listen`, 's'),
    })
  }

  await kill(child)
  const freed = await openStore(config, { logger, access: 'owner' })
  assert.deepEqual(await freed.query('SELECT word FROM words'), [{ word: 'from the owner' }])
  await freed.close()
})

test('a reader asks the process that owns the folder, and reads the folder itself when that is gone', async () => {
  const folder = join(root, 'served')
  const { child, listen } = await startOwner(folder, true)
  const config = { embedded: folder, listen }

  const over = await openStore(config, { logger, access: 'reader' })
  assert.deepEqual([over.kind, over.folder], ['reader', null])
  assert.deepEqual(await over.query('SELECT word FROM words WHERE word = {word:String}', { word: 'from the owner' }), [
    { word: 'from the owner' },
  ])
  assert.equal(await over.queryText('SELECT count() FROM words', 'CSV'), '1\n')
  const parquet = await over.queryBytes('SELECT toUInt8(200) AS a', 'Parquet')
  assert.equal(parquet.subarray(-4).toString('latin1'), 'PAR1')
  await over.ping(5000)
  await assert.rejects(over.command('DROP TABLE words'), { code: 'STORE_QUERY_FAILED' })
  await assert.rejects(over.insert('words', [{ word: 'x' }]), { code: 'STORE_QUERY_FAILED' })
  await over.close()
  await kill(child)

  const direct = await openStore(config, { logger, access: 'reader' })
  assert.deepEqual([direct.kind, direct.folder], ['reader', folder])
  assert.deepEqual(await direct.query('SELECT word FROM words'), [{ word: 'from the owner' }])
  await assert.rejects(direct.command('DROP TABLE words'), { code: 'STORE_QUERY_FAILED' })
  await assert.rejects(direct.insert('words', [{ word: 'x' }]), { code: 'STORE_QUERY_FAILED' })
  await direct.close()
})

test('a reader does not take another program on the address for the owner of its folder', async () => {
  const other = createServer((_, response) => response.end('Ok.\n')).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const listen = `127.0.0.1:${(other.address() as AddressInfo).port}`

  const reader = await openStore({ embedded: join(root, 'mine'), listen }, { logger, access: 'reader' })

  assert.equal(reader.folder, join(root, 'mine'))
  await reader.close()
  other.close()
})

test('a closed store can be opened again in the same process', async () => {
  const config = { embedded: join(root, 'again'), listen: '127.0.0.1:9' }
  const first = await openStore(config, { logger, access: 'owner' })
  const running = first.query('SELECT sleep(0.2)')
  await first.close()
  await running

  const second = await openStore({ ...config, embedded: join(root, 'elsewhere') }, { logger, access: 'owner' })
  await second.ping(5000)
  await second.close()
})

test('a folder that cannot be made or written is named with the cure', async () => {
  const file = join(root, 'a-file')
  writeFileSync(file, '')
  chmodSync(file, 0o600)

  await assert.rejects(
    openStore({ embedded: join(file, 'store'), listen: '127.0.0.1:9' }, { logger, access: 'owner' }),
    {
      code: 'STORE_UNAVAILABLE',
      message: /a-file.store cannot be used .*store\.embedded/s,
    },
  )
})

/** Answers as a server would whose schema_migrations table has this engine, and remembers what it was asked. */
async function pretendServer(engine: string | null) {
  const asked: { query: string; settings: URLSearchParams }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const settings = new URL(request.url!, 'http://store').searchParams
      const query = `${settings.get('query') ?? ''}${Buffer.concat(chunks).toString()}`
      asked.push({ query, settings })
      response.setHeader('content-type', 'application/json')
      response.end(query.includes('SELECT engine FROM') && engine !== null ? `${JSON.stringify({ engine })}\n` : '')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { asked, config: { url, database: 'understudy', username: 'default', password: '' } }
}

test('on a cluster, tables are made on all of it and a row counts as stored when its shard has it', async () => {
  const { asked, config } = await pretendServer('Distributed')
  const store = await openStore({ clickhouse: { ...config, cluster: 'main' } }, { logger, access: 'owner' })
  await store.command('CREATE TABLE IF NOT EXISTS words (word String) ENGINE = MergeTree ORDER BY word')
  await store.insert('words', [{ word: 'a' }])
  await store.close()

  const [database, , local, over, , insert] = asked
  assert.match(database!.query, /^CREATE DATABASE IF NOT EXISTS .* ON CLUSTER \{cluster:Identifier\}$/)
  assert.equal(database!.settings.get('param_cluster'), 'main')
  assert.match(local!.query, /^CREATE TABLE IF NOT EXISTS words_local ON CLUSTER 'main' .*ReplicatedMergeTree/)
  assert.match(over!.query, /^CREATE TABLE IF NOT EXISTS words ON CLUSTER 'main' .*Distributed\('main'/)
  assert.match(insert!.query, /^INSERT INTO words /)
  assert.equal(insert!.settings.get('distributed_foreground_insert'), '1')
})

test('tables of one server are not taken for those of a cluster, nor the other way round', async () => {
  const one = await pretendServer('ReplacingMergeTree')
  await assert.rejects(openStore({ clickhouse: { ...one.config, cluster: 'main' } }, { logger, access: 'owner' }), {
    code: 'CONFIG_INVALID',
    message: /database understudy were made on one server: name a new database in store\.clickhouse\.database/,
  })
  const many = await pretendServer('Distributed')
  await assert.rejects(openStore({ clickhouse: many.config }, { logger, access: 'owner' }), {
    code: 'CONFIG_INVALID',
    message: /were made on a cluster: name the cluster in store\.clickhouse\.cluster/,
  })
  const unused = await pretendServer(null)
  await (await openStore({ clickhouse: unused.config }, { logger, access: 'owner' })).close()
})
