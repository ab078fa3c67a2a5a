import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, test } from 'node:test'
import { describeErasure, subjectsIn, textsBy } from '../../../services/cli/erase.ts'
import { type EraseContext, eraseEverywhere, type Erasure } from '../../../services/cli/erase/erase-everywhere.ts'
import { startRecord } from '../../../services/record/main.ts'
import { settleLedger } from '../../../services/record/settle-ledger.ts'
import { createByteBudget } from '../../../services/tap/byte-budget.ts'
import { conversationIdOf, tenantIdOf } from '../../../services/tap/conversation.ts'
import { createLedger, groupOf } from '../../../services/tap/ledger.ts'
import { createPublisher } from '../../../services/tap/publish.ts'
import { openSpool, type Spool } from '../../../services/tap/spool/spool.ts'
import { type Keyring, openKeyring } from '../../../shared/encryption/keyring.ts'
import { type Exchange } from '../../../shared/contracts/exchange.ts'
import { openLocalState } from '../../../shared/limits/local-state.ts'
import { stateFileOf } from '../../../shared/limits/open.ts'
import { claimedLog } from '../../../shared/log/claims/claimed-log.ts'
import { openClaimStore } from '../../../shared/log/claims/claim-store.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { type Topic, type TopicLog } from '../../../shared/log/topic-log.ts'
import { silentLogger as logger } from '../../../shared/logger.ts'
import { openEmbedded } from '../../../shared/store/embedded.ts'
import { migrate } from '../../../shared/store/migrations.ts'
import { type Store } from '../../../shared/store/store.ts'
import { aComparison, aDeadLetter, aLedgerEntry, anAnswer, anExchange, anObservation } from '../record/samples.ts'

const root = mkdtempSync(join(tmpdir(), 'understudy-erase-'))
const folder = join(root, 'data')
const logFile = join(folder, 'log.db')
const spoolFolder = join(folder, 'spool')
const group = groupOf({ hourMs: Date.parse('2026-11-20T10:00:00Z'), upstream: 'openai', route: 'support' })
const config = {
  tap: { spool: { folder: spoolFolder } } as EraseContext['config']['tap'],
  log: { embedded: logFile },
  retention: { bodiesDays: 30, metricsDays: 400 },
}
let store: Store

before(async () => {
  mkdirSync(folder)
  store = await openEmbedded(join(folder, 'store'), 'embedded')
  await migrate(store)
})
after(async () => {
  await store.close()
  rmSync(root, { recursive: true, force: true })
})

/** Marks that compress to nothing else: random to the eye, so that they stand in a file as they are. */
const mark = (name: string) => `MARK-${name}-QZX7`

function markedExchange(name: string, conversation: string, tenant: string): Exchange {
  const exchange = anExchange(name, {
    conversationId: conversationIdOf({ header: conversation, userKey: null, opening: '', exchangeId: '' }),
    tenantId: tenantIdOf(tenant),
  })
  exchange.request.body.data = JSON.stringify({ messages: [{ role: 'user', content: mark(name) }] })
  exchange.served.body = { ...exchange.request.body }
  exchange.served.answer = anAnswer({ text: `served ${mark(name)}` })
  return exchange
}

async function publishAll(log: TopicLog, exchange: Exchange, name: string, isScored = true): Promise<void> {
  const publish = (topic: Topic, ...messages: object[]) =>
    log.publish(
      topic,
      messages.map((message) => ({ key: exchange.conversationId, value: JSON.stringify(message) })),
    )
  const { exchangeId, conversationId, tenantId } = exchange
  await publish('exchanges', exchange)
  const observations = ['control', 'sonnet'].map((arm) =>
    anObservation(name, arm, { exchangeId, answer: anAnswer({ text: `${arm} ${mark(name)}` }) }),
  )
  await publish('observations', { version: 1, exchange, servedCostUsd: null, observations })
  const excerpts = { servedExcerpt: mark(name), armExcerpt: mark(name) }
  await publish(
    'comparisons',
    aComparison(name, 'sonnet', { exchangeId, conversationId, tenantId: tenantId!, ...excerpts }),
  )
  // Of a record that no schema takes, so that only its text says whom it is about.
  const dead = Buffer.from(JSON.stringify({ exchange, version: 99 })).toString('base64')
  const letter = aDeadLetter(name, { topic: 'observations', key: conversationId, valueBase64: dead })
  await publish('dead-letters', letter)
  if (!isScored) return
  const score = { version: 1, scoreId: exchangeId, exchangeId, arm: 'sonnet', armFingerprint: 'sonnet-1' }
  const told = { capturedAt: exchange.capturedAt, name: 'tone', by: 'ana', score: 1, reason: mark(name) }
  await publish('scores', { ...score, ...told, importedAt: '2026-11-20T11:00:00.000Z' })
}

async function recorded(work: (log: TopicLog) => Promise<void>): Promise<void> {
  const log = await openTopicLog({ embedded: logFile }, { logger, clientId: 'test' })
  await work(log)
  const record = await startRecord({ log, store, logger })
  for (const topic of ['exchanges', 'observations', 'comparisons', 'dead-letters', 'scores', 'ledger'] as const) {
    while ((await log.lag('record', topic)) > 0) await sleep(20)
  }
  await record.stop()
  await log.close()
}

function openTestSpool(): Spool {
  const onDropped = () => {}
  return openSpool({ folder: spoolFolder, maxBytes: 1e6, whenFull: 'drop_newest', logger, onDropped })
}

function spooled(...exchanges: Exchange[]): void {
  const spool = openTestSpool()
  for (const exchange of exchanges) {
    spool.append({ group, key: exchange.conversationId, value: Buffer.from(JSON.stringify(exchange)) }, false)
  }
  spool.close(createLedger(async () => {}).state())
}

/** Files under the data folder in which these bytes stand. */
function filesWith(text: string): string[] {
  const files = (readdirSync(folder, { recursive: true }) as string[]).map((name) => join(folder, name))
  return files.filter((file) => statSync(file).isFile() && readFileSync(file).includes(text))
}

/** Rows of any table in which the text stands in any column, as the engine itself reads them. */
async function rowsWith(text: string): Promise<string[]> {
  const columns = await store.query<{ table: string; columns: string[] }>(
    `SELECT table, groupArray(name) AS columns FROM system.columns WHERE database = currentDatabase()
       AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree')
     GROUP BY table`,
  )
  const found: string[] = []
  for (const { table, columns: names } of columns) {
    const all = names.map((name) => `\`${name}\``).join(', ')
    const sql = `SELECT count() AS n FROM ${table} WHERE position(toString(tuple(${all})), {text:String}) > 0`
    const letters = `SELECT count() AS n FROM ${table} WHERE position(tryBase64Decode(value_base64), {text:String}) > 0`
    const rows = await store.query<{ n: number }>(sql, { text })
    const inLetters = table === 'dead_letters' ? await store.query<{ n: number }>(letters, { text }) : [{ n: 0 }]
    if (rows[0]!.n + inLetters[0]!.n > 0) found.push(table)
  }
  return found.toSorted()
}

const erase = (options: Parameters<typeof subjectsIn>[0], isMeantSeriously = true, by: Store = store) =>
  eraseEverywhere(subjectsIn(options), {
    config,
    store: by,
    topics: [],
    claims: null,
    textOf: ({ value }) => Buffer.from(value).toString(),
    now: new Date(),
    isMeantSeriously,
  })

const leaveNothing = { config: 'understudy.yaml' }

test('erasing a conversation leaves no byte of it in spool, log, tables and notes, and takes nothing else', async () => {
  const [kept, erased, elsewhere] = [
    markedExchange('kept', 'ann', 'acme'),
    markedExchange('gone', 'bob', 'acme'),
    markedExchange('late', 'bob', 'acme'),
  ]
  await recorded(async (log) => {
    await publishAll(log, kept, 'kept')
    await publishAll(log, erased, 'gone')
    const served = aLedgerEntry('served', { count: 2 })
    const published = aLedgerEntry('published', { outcome: 'published', count: 2 })
    await log.publish(
      'ledger',
      [served, published].map((entry) => ({ key: 'k', value: JSON.stringify(entry) })),
    )
  })
  const state = openLocalState({ file: stateFileOf(logFile) })
  await state.markDone({ partition: 1, offset: '5' }, erased.exchangeId)
  await state.close()
  spooled(elsewhere, markedExchange('waits', 'ann', 'acme'))
  const everywhere = ['comparisons', 'dead_letters', 'exchange_bodies', 'observation_bodies', 'scores']
  assert.deepEqual(await rowsWith(mark('gone')), everywhere)
  assert.ok(filesWith(mark('gone')).some((file) => file.includes('log.db')))
  assert.ok(filesWith(mark('late')).some((file) => file.includes('spool')))

  const looked = await erase({ ...leaveNothing, conversation: ['bob'] }, false)
  assert.deepEqual([looked.exchanges, (await rowsWith(mark('gone'))).length], [2, 5])
  assert.match(describeErasure(looked, false), /2 exchanges would be erased[\s\S]*add --yes/)
  // What was added up before holds no longer.
  await settleLedger(store, new Date('2026-12-01T00:00:00Z'))
  const erasure = await erase({ ...leaveNothing, conversation: ['bob'] })

  assert.equal(erasure.isDone, true)
  assert.deepEqual(filesWith(mark('gone')), [])
  assert.deepEqual(filesWith(mark('late')), [])
  assert.deepEqual(filesWith(erased.exchangeId), [])
  assert.deepEqual(await rowsWith(mark('gone')), [])
  assert.deepEqual(await rowsWith(erased.exchangeId), [])
  assert.deepEqual(await rowsWith(mark('kept')), everywhere)
  assert.ok(filesWith(mark('waits')).some((file) => file.includes('spool')))
  const counts = Object.fromEntries(
    erasure.lines.map(({ where, found, left }) => [where.replace(/tap-.*/, ''), [found, left]]),
  )
  assert.deepEqual(counts, {
    'spool ': [1, 0],
    'log exchanges': [1, 0],
    'log observations': [1, 0],
    'log comparisons': [1, 0],
    'log dead-letters': [1, 0],
    'log scores': [1, 0],
    'notes of replay': [1, 0],
    'table comparisons': [1, 0],
    'table dead_letters': [1, 0],
    'table exchange_bodies': [1, 0],
    'table exchanges': [1, 0],
    'table golden_items': [0, 0],
    'table labels': [0, 0],
    'table observation_bodies': [2, 0],
    'table observations': [2, 0],
    'table scores': [1, 0],
    'files of the tables': [null, 0],
  })
})

test('what was erased in the spool is settled as dropped, and never published', async () => {
  const outcomes: object[] = []
  const published: string[] = []
  const publisher = createPublisher({
    publish: async (records) => void published.push(...records.map(({ value }) => String(value))),
    budget: createByteBudget(1e6),
    spool: openTestSpool(),
    settled: (of, outcome, times) => outcomes.push({ of, ...outcome, times }),
    lingerMs: 1,
  })
  assert.equal(await publisher.stop(5_000), true)

  assert.deepEqual(
    published.map((text) => (JSON.parse(text) as Exchange).request.body.data?.includes(mark('waits'))),
    [true],
  )
  assert.deepEqual(outcomes, [
    { of: group, published: false, reason: 'erased', times: 1 },
    { of: group, published: true, times: 1 },
  ])
})

test('the ledger balances after an erasure, and says how many exchanges were erased', async () => {
  const lines = await store.query(
    "SELECT stage, outcome, reason, toFloat64(count) AS count FROM ledger_lines WHERE outcome = 'erased'",
  )
  // The second is the one in the spool: it never came to be published, and its tap counts it, too.
  assert.deepEqual(lines, [{ stage: 'record', outcome: 'erased', reason: 'tap', count: 2 }])
  const [balance] = await store.query<{ missing: number }>(
    'SELECT toFloat64(unstored_missing + unexplained_missing) AS missing FROM ledger_balance',
  )
  assert.equal(balance!.missing, 0)
  const [stored] = await store.query<{ told: number; rows: number }>(
    `SELECT toFloat64(exchanges_stored) AS told, toFloat64((SELECT count() FROM exchanges_unique)) AS rows FROM ledger_balance`,
  )
  assert.equal(stored!.told, stored!.rows)
})

test('hours of the ledger that are added up while an erasure is under way are counted anew', async () => {
  const hours = ['10', '12'].map((hour) => ({
    ...markedExchange(`at ${hour}`, 'carl', 'acme'),
    capturedAt: `2026-11-18T${hour}:20:00.000Z`,
  }))
  await recorded((log) =>
    log.publish(
      'exchanges',
      hours.map((exchange) => ({ key: exchange.conversationId, value: JSON.stringify(exchange) })),
    ),
  )
  let settled = 0
  const settling: Store = {
    ...store,
    async command(sql, ...rest) {
      if (/^EXCHANGE TABLES erasing_rest AND exchanges$/.test(sql))
        settled += await settleLedger(store, new Date('2026-12-01T00:00:00Z'))
      return await store.command(sql, ...rest)
    },
  }
  const { exchanges } = await erase({ ...leaveNothing, conversation: ['carl'] }, true, settling)

  assert.equal(exchanges, 2)
  assert.ok(settled >= 2)
  const [stored] = await store.query<{ told: number; rows: number }>(
    `SELECT toFloat64(exchanges_stored) AS told, toFloat64((SELECT count() FROM exchanges_unique)) AS rows FROM ledger_balance`,
  )
  assert.equal(stored!.told, stored!.rows)
})

test('what comes later of an erased conversation is not stored; what it says from now on is', async () => {
  const again = markedExchange('gone', 'bob', 'acme')
  const unseen = markedExchange('unseen', 'bob', 'acme')
  const today = { ...markedExchange('today', 'bob', 'acme'), capturedAt: new Date(Date.now() + 60_000).toISOString() }
  await recorded(async (log) => {
    await publishAll(log, again, 'gone')
    // Scores are imported for what is stored.
    await publishAll(log, unseen, 'unseen', false)
    await publishAll(log, today, 'today')
  })

  assert.deepEqual(await rowsWith(mark('gone')), [])
  assert.deepEqual(await rowsWith(mark('unseen')), [])
  assert.ok((await rowsWith(mark('today'))).includes('exchange_bodies'))
})

test('a tenant is erased by the name in its header, also where only the log knows of it', async () => {
  const log = await openTopicLog({ embedded: logFile }, { logger, clientId: 'test' })
  await publishAll(log, markedExchange('globex', 'carl', 'globex'), 'globex')
  await log.close()

  const erasure = await erase({ ...leaveNothing, tenant: ['globex'] })

  assert.deepEqual([erasure.isDone, erasure.exchanges], [true, 1])
  assert.deepEqual(filesWith(mark('globex')), [])
  const reopened = await openTopicLog({ embedded: logFile }, { logger, clientId: 'test' })
  assert.equal(await reopened.lag('record', 'exchanges'), 0)
  await reopened.close()
})

test('on a server rows go by mutations, and old files are told with the time by which they are gone', async () => {
  await recorded((log) => publishAll(log, markedExchange('served', 'eve', 'acme'), 'served'))
  assert.ok((await rowsWith(mark('served'))).includes('exchange_bodies'))

  const erasure = await eraseEverywhere(subjectsIn({ ...leaveNothing, conversation: ['eve'] }), {
    config,
    store: { ...store, kind: 'server' },
    topics: [],
    claims: null,
    textOf: ({ value }) => Buffer.from(value).toString(),
    now: new Date('2026-12-01T00:00:00Z'),
    isMeantSeriously: true,
  })

  assert.deepEqual(await rowsWith(mark('served')), [])
  assert.equal(erasure.isDone, true)
  assert.match(describeErasure(erasure, true), /the server keeps old files of its tables until 2026-12-01T00:1/)
})

test('a spool that a running tap holds is told as left', async () => {
  const spool = openTestSpool()
  const exchange = markedExchange('held', 'dora', 'acme')
  spool.append({ group, key: exchange.conversationId, value: Buffer.from(JSON.stringify(exchange)) }, false)

  const erasure = await erase({ ...leaveNothing, exchange: [exchange.exchangeId] })
  spool.close(createLedger(async () => {}).state())

  assert.equal(erasure.isDone, false)
  assert.match(describeErasure(erasure, true), /NOT ALL OF IT IS GONE/)
  assert.equal((await erase({ ...leaveNothing, exchange: [exchange.exchangeId] })).isDone, true)
})

test('what is sealed is found by its key, and by its conversation where the key is missing', async () => {
  process.env['ERASE_TEST_KEY'] = randomBytes(32).toString('base64')
  const encryption = { keys: [{ id: 'k1', fromEnv: 'ERASE_TEST_KEY' }], active: 'k1' }
  const log = await openTopicLog({ embedded: logFile, encryption }, { logger, clientId: 'test' })
  await publishAll(log, markedExchange('sealed', 'fay', 'umbrella'), 'sealed')
  await publishAll(log, markedExchange('closed', 'gil', 'umbrella'), 'closed')
  await log.close()
  const eraseBy = (keyring: Keyring, named: object) =>
    eraseEverywhere(subjectsIn({ ...leaveNothing, ...named }), {
      config,
      store,
      topics: [],
      claims: null,
      textOf: textsBy(keyring),
      now: new Date(),
      isMeantSeriously: true,
    })
  const foundIn = ({ lines }: Erasure) => lines.find(({ where }) => where === 'log exchanges')!.found

  assert.equal(foundIn(await eraseBy(openKeyring(undefined, {}), { conversation: ['gil'] })), 1)
  const unread = await eraseBy(openKeyring(undefined, {}), { tenant: ['umbrella'] })
  assert.deepEqual([foundIn(unread), unread.isDone], [0, false], 'what cannot be read may be the tenant’s')
  assert.match(describeErasure(unread, true), /records not read\s+5 .*sealed with a key that is not here/)
  assert.equal(foundIn(await eraseBy(openKeyring(encryption), { tenant: ['umbrella'] })), 1)
})

test('what was put together from days of an erased exchange goes, and what is put together meanwhile is not trusted', async () => {
  const exchange = markedExchange('counted', 'jon', 'acme')
  await recorded((log) => publishAll(log, exchange, 'counted', false))
  const day = exchange.capturedAt.slice(0, 10)
  const before = new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10)
  const answer = JSON.stringify([{ worst: [1, exchange.exchangeId] }])
  const kept = { arm: 'sonnet', subject: 's', question: 'prompts', arrived: 1, answer }
  await store.insert(
    'report_days',
    [before, day].map((on) => ({ ...kept, day: on })),
  )
  const arrived = async () => {
    const [row] = await store.query<{ n: number }>(
      `SELECT toFloat64(sum(arrived)) AS n FROM comparison_arrivals WHERE arm = 'sonnet' AND toDate(hour) = '${day}'`,
    )
    return row!.n
  }
  const came = await arrived()
  await erase({ ...leaveNothing, exchange: [exchange.exchangeId] })

  assert.deepEqual(await store.query('SELECT toString(day) AS day FROM report_days ORDER BY day'), [{ day: before }])
  assert.ok((await arrived()) > came)
  await store.command('TRUNCATE TABLE report_days')
})

test('a large record beside a topic is found by what it says and taken away, and others are left', async () => {
  const claims = await openClaimStore({ folder: join(folder, 'claims'), overBytes: 1, keepDays: 14 })
  const bare = await openTopicLog({ embedded: join(folder, 'bare.db') }, { logger, clientId: 'test' })
  const log = claimedLog(bare, claims, { overBytes: 1, keepDays: 14, logger })
  await publishAll(log, markedExchange('large', 'hal', 'initech'), 'large')
  await publishAll(log, markedExchange('other', 'ida', 'hooli'), 'other')
  await log.close()
  rmSync(join(folder, 'bare.db'))
  const eraseClaims = (named: object) =>
    eraseEverywhere(subjectsIn({ ...leaveNothing, ...named }), {
      config,
      store,
      topics: [],
      claims,
      textOf: ({ value }) => Buffer.from(value).toString(),
      now: new Date(),
      isMeantSeriously: true,
    })
  const before = (await Array.fromAsync(claims.list())).length
  const erasure = await eraseClaims({ tenant: ['initech'] })

  const line = erasure.lines.find(({ where }) => where === 'large records of the log')!
  assert.ok(line.found! > 0)
  assert.deepEqual([line.left, erasure.exchanges], [0, 1])
  assert.equal((await Array.fromAsync(claims.list())).length, before - line.found!)
  const again = await eraseClaims({ conversation: ['ida'] })
  assert.ok(again.lines.find(({ where }) => where === 'large records of the log')!.found! > 0)
})

test('a topic of Kafka is told with the day by which it has expired, or as open where it never does', async () => {
  const topics = [
    { topic: 'u.exchanges', maxMs: 14 * 86_400_000, isCompacted: false },
    { topic: 'u.scores', maxMs: null, isCompacted: false },
    { topic: 'u.replay-state', maxMs: null, isCompacted: true },
  ]
  const now = new Date('2026-12-01T00:00:00Z')
  const textOf = () => null
  const erasure = await eraseEverywhere([{ kind: 'conversation', id: 'nobody' }], {
    config,
    store,
    topics,
    claims: null,
    textOf,
    now,
    isMeantSeriously: true,
  })

  const told = describeErasure(erasure, true)
  assert.match(told, /topic u\.exchanges .* expires by 2026-12-15T/)
  assert.match(told, /topic u\.scores .* set retention\.ms/)
  assert.equal(erasure.isDone, false)
})

test('what to erase must be said, and an exchange by its id', () => {
  assert.throws(() => subjectsIn(leaveNothing), { code: 'USAGE', message: /say what to erase/ })
  assert.throws(() => subjectsIn({ ...leaveNothing, exchange: ['7'] }), { code: 'USAGE', message: /is a UUID/ })
  assert.throws(() => subjectsIn({ ...leaveNothing, tenant: [' '] }), { code: 'USAGE' })
})
