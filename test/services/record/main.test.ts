import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, afterEach, before, test } from 'node:test'
import { startRecord } from '../../../services/record/main.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { type Topic, type TopicLog } from '../../../shared/log/topic-log.ts'
import { silentLogger as logger } from '../../../shared/logger.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { type Store } from '../../../shared/store/store.ts'
import { aComparison, aDeadLetter, aLedgerEntry, anExchange, anObservation } from './samples.ts'

const root = mkdtempSync(join(tmpdir(), 'understudy-record-'))
const tables = [
  'exchanges',
  'exchange_bodies',
  'observations',
  'observation_bodies',
  'comparisons',
  'dead_letters',
  'ledger',
]
let store: Store
let logs = 0

before(async () => {
  store = await openEmbedded(join(root, 'store'), 'embedded')
  await migrate(store)
})

after(async () => {
  await store.close()
  rmSync(root, { recursive: true, force: true })
})

afterEach(async () => {
  for (const table of tables) await store.command(`TRUNCATE TABLE ${table}`)
})

async function openLog(file = join(root, `log-${(logs += 1)}.db`)): Promise<TopicLog> {
  const log = await openTopicLog({ embedded: file }, { logger, clientId: 'test' })
  await log.prepare()
  return log
}

const publish = (log: TopicLog, topic: Topic, ...messages: unknown[]): Promise<void> =>
  log.publish(
    topic,
    messages.map((message) => ({ key: 'k', value: typeof message === 'string' ? message : JSON.stringify(message) })),
  )

const counted = async (name: string): Promise<number> =>
  (await store.query<{ n: number }>(`SELECT count() AS n FROM ${name}`))[0]!.n

/** Until the group has nothing left to read. */
async function drained(log: TopicLog, ...topics: Topic[]): Promise<void> {
  const deadline = Date.now() + 10_000
  for (const topic of topics) {
    while ((await log.lag('record', topic)) > 0) {
      assert.ok(Date.now() < deadline, `${topic} is not drained`)
      await sleep(20)
    }
  }
}

test('every topic ends up in its tables', async () => {
  const log = await openLog()
  await publish(log, 'exchanges', anExchange())
  await publish(log, 'observations', {
    version: 1,
    exchange: anExchange(),
    servedCostUsd: null,
    observations: [anObservation('a', 'control'), anObservation('a', 'sonnet')],
  })
  await publish(log, 'comparisons', aComparison('a', 'control'), aComparison('a', 'sonnet'))
  await publish(log, 'dead-letters', aDeadLetter())
  await publish(log, 'ledger', aLedgerEntry('x'))

  const record = await startRecord({ log, store, logger })
  await drained(log, 'exchanges', 'observations', 'comparisons', 'dead-letters', 'ledger')
  await record.stop()
  await log.close()

  const rows = await Promise.all(tables.map(counted))
  assert.deepEqual(Object.fromEntries(tables.map((table, index) => [table, rows[index]])), {
    exchanges: 1,
    exchange_bodies: 1,
    observations: 2,
    observation_bodies: 2,
    comparisons: 2,
    dead_letters: 1,
    ledger: 1,
  })
})

test('a record delivered twice is counted once', async () => {
  const log = await openLog()
  const record = await startRecord({ log, store, logger })
  for (let time = 0; time < 2; time += 1) {
    await publish(log, 'exchanges', anExchange('a'), anExchange('b'))
    await publish(log, 'comparisons', aComparison('a'), aComparison('b'))
    await publish(log, 'ledger', aLedgerEntry('x', { count: 5 }))
    await drained(log, 'exchanges', 'comparisons', 'ledger')
    // And once more, among other records.
    await publish(log, 'comparisons', aComparison('c'), aComparison('a'))
    await drained(log, 'comparisons')
  }
  await record.stop()
  await log.close()

  assert.deepEqual(
    await Promise.all(['exchanges_unique', 'comparisons_unique', 'ledger_unique'].map(counted)),
    [2, 3, 1],
  )
})

test('a log that starts again at its first offset does not lose its records to the tokens of the old one', async () => {
  for (const name of ['a', 'b']) {
    const log = await openLog()
    await publish(log, 'exchanges', anExchange(name))
    const record = await startRecord({ log, store, logger })
    await drained(log, 'exchanges')
    await record.stop()
    await log.close()
  }

  assert.equal(await counted('exchanges_unique'), 2)
})

test('a record that cannot be read becomes a dead letter in the table, and its neighbours are stored', async () => {
  const log = await openLog()
  await publish(
    log,
    'comparisons',
    aComparison('a'),
    '{"version":1,"cut',
    { ...aComparison('b'), outcome: 'splendid' },
    aComparison('c'),
  )
  const record = await startRecord({ log, store, logger })
  await drained(log, 'comparisons', 'dead-letters')
  await record.stop()
  await log.close()

  assert.equal(await counted('comparisons_unique'), 2)
  const letters = await store.query(
    'SELECT consumer_group, topic, error_code, base64Decode(value_base64) AS value FROM dead_letters_unique ORDER BY offset',
  )
  assert.deepEqual(letters, [
    { consumer_group: 'record', topic: 'comparisons', error_code: 'MESSAGE_MALFORMED', value: '{"version":1,"cut' },
    {
      consumer_group: 'record',
      topic: 'comparisons',
      error_code: 'MESSAGE_MALFORMED',
      value: JSON.stringify({ ...aComparison('b'), outcome: 'splendid' }),
    },
  ])
})

test('records wait while the store is down, and are stored when it is up again', async () => {
  const log = await openLog()
  let failures = 0
  const flaky: Store = {
    ...store,
    insert: (...args) => {
      if (failures >= 2) return store.insert(...args)
      failures += 1
      return Promise.reject(new UnderstudyError('STORE_UNAVAILABLE', 'down'))
    },
  }
  await publish(log, 'exchanges', anExchange('a'))
  const record = await startRecord({ log, store: flaky, logger })
  await drained(log, 'exchanges')
  await record.stop()

  assert.equal(await counted('exchanges_unique'), 1)
  assert.equal(await log.lag('record', 'dead-letters'), 0)
  assert.equal(await counted('dead_letters'), 0)
  await log.close()
})

test('what was not stored when record stops is delivered to the next one', async () => {
  const file = join(root, 'again.db')
  const log = await openLog(file)
  const down: Store = { ...store, insert: () => Promise.reject(new UnderstudyError('STORE_UNAVAILABLE', 'down')) }
  await publish(log, 'exchanges', anExchange('a'))
  const first = await startRecord({ log, store: down, logger })
  await sleep(150)
  await first.stop()
  assert.equal(await log.lag('record', 'exchanges'), 1)
  assert.equal(await counted('exchanges'), 0)

  const second = await startRecord({ log, store, logger })
  await drained(log, 'exchanges')
  await second.stop()
  await log.close()
  assert.equal(await counted('exchanges_unique'), 1)
})
