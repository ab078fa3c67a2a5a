import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, test } from 'node:test'
import { storedExchanges } from '../../../services/compare/rescore/stored-sets.ts'
import { startRecord } from '../../../services/record/main.ts'
import { createReportSource } from '../../../services/report/source.ts'
import { type LogConfig } from '../../../shared/config/schema.ts'
import { type Keyring, openKeyring } from '../../../shared/encryption/keyring.ts'
import { reencrypt } from '../../../shared/encryption/reencrypt.ts'
import { sealedColumns, sealedStore } from '../../../shared/encryption/sealed-store.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { type Topic, type TopicLog } from '../../../shared/log/topic-log.ts'
import { silentLogger as logger } from '../../../shared/logger.ts'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { type Store } from '../../../shared/store/store.ts'
import { aComparison, anAnswer, anExchange, anObservation, exchangeIdOf } from '../../services/record/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-sealed-'))
process.env['SEALED_TEST_K1'] = randomBytes(32).toString('base64')
process.env['SEALED_TEST_K2'] = randomBytes(32).toString('base64')
const keys = ['k1', 'k2'].map((id) => ({ id, fromEnv: `SEALED_TEST_${id.toUpperCase()}` }))
const ringOf = (active: string, missing?: string): Keyring =>
  openKeyring(
    { keys, active },
    { ...process.env, ...(missing ? { [`SEALED_TEST_${missing.toUpperCase()}`]: '' } : {}) },
  )
const logConfig: LogConfig = { embedded: join(folder, 'log.db'), encryption: { keys, active: 'k1' } }
const mark = 'MARK-QZX7'
const always = { until: new Date('2099-01-01') }
const fingerprint = 'sonnet-1'
let raw: Store

before(async () => {
  raw = await openEmbedded(join(folder, 'store'), 'embedded')
  await migrate(raw)
})
after(async () => {
  await raw.close()
  rmSync(folder, { recursive: true, force: true })
})

function marked(name: string) {
  const exchange = anExchange(name)
  exchange.request.body.data = JSON.stringify({ messages: [{ role: 'user', content: `${name} ${mark}` }] })
  exchange.served.answer = anAnswer({ text: `served ${name} ${mark}` })
  return exchange
}

async function publish(log: TopicLog, name: string): Promise<void> {
  const exchange = marked(name)
  const observations = [anObservation(name, 'sonnet', { answer: anAnswer({ text: `sonnet ${name} ${mark}` }) })]
  const differences = [{ rung: 'facts', path: '/price', message: 'another', served: mark, arm: '6' }]
  const excerpts = { servedExcerpt: `served ${name} ${mark}`, armExcerpt: `sonnet ${name} ${mark}`, differences }
  const messages: [Topic, object][] = [
    ['exchanges', exchange],
    ['observations', { version: 1, exchange, servedCostUsd: null, observations }],
    ['comparisons', aComparison(name, 'sonnet', { outcome: 'different', ...excerpts })],
  ]
  for (const [topic, message] of messages)
    await log.publish(topic, [{ key: exchange.conversationId, value: JSON.stringify(message) }])
  // Of a version that nobody knows: a dead letter.
  await log.publish('exchanges', [
    { key: exchange.conversationId, value: JSON.stringify({ ...exchange, version: 99 }) },
  ])
}

function filesWith(text: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile() && readFileSync(file).includes(text))
}

/** Rows of the sealed tables in which the text can be read, as the engine reads them. */
async function rowsWith(text: string): Promise<string[]> {
  const found: string[] = []
  for (const [table, { columns }] of Object.entries(sealedColumns)) {
    const all = columns.flatMap((column) => [`ifNull(${column}, '')`, `tryBase64Decode(ifNull(${column}, ''))`])
    const [row] = await raw.query<{ n: number }>(
      `SELECT toFloat64(count()) AS n FROM ${table} WHERE position(concat(${all.join(', ')}), {text:String}) > 0`,
      { text },
    )
    if (row!.n > 0) found.push(table)
  }
  return found
}

const worst = (keyring: Keyring) =>
  createReportSource(sealedStore(raw, keyring)).worst('sonnet', fingerprint, always, 10)
const setsOf = async (keyring: Keyring) => {
  const span = { since: new Date(0), until: new Date('2099-01-01') }
  const all = await Array.fromAsync(storedExchanges(sealedStore(raw, keyring), span))
  return all.flat().flatMap(({ sets }) => sets ?? [])
}

test('with a key no text of users can be read in log, tables or files, and the stages work as ever', async () => {
  const log = await openTopicLog(logConfig, { logger, clientId: 'test' })
  await publish(log, 'a')
  await publish(log, 'b')
  const record = await startRecord({ log, store: sealedStore(raw, ringOf('k1')), logger })
  for (const topic of ['exchanges', 'observations', 'comparisons', 'dead-letters'] as const)
    while ((await log.lag('record', topic)) > 0) await sleep(20)
  await record.stop()
  await log.close()

  assert.deepEqual(await rowsWith(mark), [])
  assert.deepEqual(filesWith(mark), [])
  const [letter] = await raw.query<{ id: string }>(
    'SELECT toString(exchange_id) AS id FROM dead_letters_unique ORDER BY key',
  )
  assert.equal(letter!.id, exchangeIdOf('a'), 'whose a dead letter is stays known')
})

test('with the key the report and a new comparison read the texts', async () => {
  const [first] = await worst(ringOf('k1'))
  assert.equal(first!.differences[0]!.served, mark)
  assert.match(first!.servedExcerpt, /^served . MARK-QZX7$/)

  const sets = await setsOf(ringOf('k1'))
  assert.equal(sets.length, 2)
  for (const { exchange, observations } of sets) {
    assert.match(exchange.request.body.data!, /MARK-QZX7/)
    assert.match(observations[0]!.answer!.text, /^sonnet . MARK-QZX7$/)
  }
})

test('without the key a report says which one is missing, and nothing is compared again', async () => {
  const [first] = await worst(ringOf('k2', 'k1'))
  assert.match(first!.servedExcerpt, /^encrypted: key k1 is not configured: set .*SEALED_TEST_K1/)
  assert.match(first!.differences[0]!.message, /^encrypted: key k1 is not configured/)
  await assert.rejects(setsOf(ringOf('k2', 'k1')), { code: 'ENCRYPTION_KEY_MISSING', message: /key k1/ })
})

test('texts that changed rows or columns do not open', async () => {
  const { store } = await copiedRows()
  const sealed = await store.query<Record<string, string>>(
    'SELECT comparison_id, served_excerpt, arm_excerpt FROM swapped ORDER BY comparison_id',
  )
  for (const row of sealed) {
    assert.match(row['served_excerpt']!, /key k1 does not open it: it was altered or moved/)
    assert.match(row['arm_excerpt']!, /key k1 does not open it/)
  }
  await raw.command('DROP TABLE swapped SYNC')
})

/** The two rows: served excerpts changed between them, and in the arm's the served one of the same row. */
async function copiedRows() {
  await raw.command(
    'CREATE TABLE swapped (comparison_id UUID, served_excerpt String, arm_excerpt String) ENGINE = MergeTree ORDER BY comparison_id',
  )
  const rows = await raw.query<{ comparison_id: string; served_excerpt: string }>(
    'SELECT comparison_id, served_excerpt FROM comparisons_unique ORDER BY comparison_id',
  )
  const [one, other] = rows as [(typeof rows)[0], (typeof rows)[0]]
  await raw.insert('swapped', [
    { ...one, served_excerpt: other.served_excerpt, arm_excerpt: one.served_excerpt },
    { ...other, served_excerpt: one.served_excerpt, arm_excerpt: other.served_excerpt },
  ])
  return { store: sealedStore(raw, ringOf('k1')) }
}

test('a new key takes over: old texts open as long as theirs is there, and are rewritten once', async () => {
  const rotated = ringOf('k2')
  assert.equal((await worst(rotated)).length, 2)
  const before = await raw.query('SELECT exchange_id, stored_at FROM exchange_bodies ORDER BY exchange_id')

  const told = await reencrypt(sealedStore(raw, rotated), rotated)

  assert.deepEqual(
    told.map(({ table, rewritten, left }) => [table, rewritten, left]),
    [
      ['exchange_bodies', 2, 0],
      ['observation_bodies', 2, 0],
      ['comparisons', 2, 0],
      ['scores', 0, 0],
      ['labels', 0, 0],
      ['golden_items', 0, 0],
      ['dead_letters', 2, 0],
    ],
  )
  const onlyNew = ringOf('k2', 'k1')
  assert.match((await worst(onlyNew))[0]!.servedExcerpt, /^served . MARK-QZX7$/)
  assert.equal((await setsOf(onlyNew)).length, 2)
  assert.deepEqual(
    filesWith('enc1:k1:').filter((file) => !file.includes('log.db')),
    [],
  )
  assert.deepEqual(await raw.query('SELECT exchange_id, stored_at FROM exchange_bodies ORDER BY exchange_id'), before)
  const again = await reencrypt(sealedStore(raw, rotated), rotated)
  assert.ok(again.every(({ rewritten }) => rewritten === 0))
})

test('what cannot be opened is left as it is by a rotation, and told', async () => {
  const back = ringOf('k1', 'k2')
  const told = await reencrypt(sealedStore(raw, back), back)
  assert.deepEqual(
    told.filter(({ left }) => left > 0).map(({ table, unreadable, left }) => [table, unreadable, left]),
    [
      ['exchange_bodies', 2, 2],
      ['observation_bodies', 2, 2],
      ['comparisons', 2, 2],
      ['dead_letters', 2, 2],
    ],
  )
  assert.equal((await worst(ringOf('k2'))).length, 2)
})

test('a record whose key is missing becomes a dead letter that opens when the key is there', async () => {
  const file = join(folder, 'other.db')
  const config = { embedded: file, encryption: { keys, active: 'k1' } }
  const log = await openTopicLog(config, { logger, clientId: 'test' })
  await log.publish('scores', [{ key: 'k', value: JSON.stringify({ text: mark }) }])
  await log.close()
  const foreign = { keys: [{ id: 'k2', fromEnv: 'SEALED_TEST_K2' }], active: 'k2' }
  const without = await openTopicLog({ embedded: file, encryption: foreign }, { logger, clientId: 'test' })
  const consumer = await without.consume({
    topics: ['scores'],
    group: 'g',
    maxBatch: 10,
    handle: () => Promise.reject(new Error('never')),
    onFatal: assert.fail,
  })
  while ((await without.lag('g', 'scores')) > 0) await sleep(20)
  await consumer.stop()
  await without.close()

  const reopened = await openTopicLog(config, { logger, clientId: 'test' })
  const letters: { errorCode: string; valueBase64: string }[] = []
  const reading = await reopened.consume({
    topics: ['dead-letters'],
    group: 'g',
    maxBatch: 10,
    handle: async (batch) =>
      void letters.push(...batch.map(({ value }) => JSON.parse(String(value)) as (typeof letters)[0])),
    onFatal: assert.fail,
  })
  while (letters.length === 0) await sleep(20)
  await reading.stop()
  await reopened.close()
  assert.equal(letters[0]!.errorCode, 'ENCRYPTION_KEY_MISSING')
  assert.match(Buffer.from(letters[0]!.valueBase64, 'base64').toString(), /MARK-QZX7/)
})
