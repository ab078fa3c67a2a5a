import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { rowsOf } from '../../services/record/rows.ts'
import { type LedgerEntry } from '../../shared/contracts/ledger.ts'
import { openEmbedded } from '../../shared/store/embedded.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { type Store } from '../../shared/store/store.ts'
import { aComparison, aDeadLetter, aLedgerEntry, anExchange, anObservation } from '../services/record/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-ledger-'))
let store: Store

before(async () => {
  store = await openEmbedded(folder, 'embedded')
  await migrate(store, { retention: { bodiesDays: 30, metricsDays: 400 } })
})

after(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

afterEach(async () => {
  for (const table of ['exchanges', 'observations', 'comparisons', 'dead_letters', 'ledger']) {
    await store.command(`TRUNCATE TABLE ${table}`)
  }
})

const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()
/** Inside retention, and in one hour. */
const capturedAt = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 2 * 3_600_000 + 60_000).toISOString()
const hour = new Date(Math.floor(Date.parse(capturedAt) / 3_600_000) * 3_600_000).toISOString()

/** Stores rows as if they had come in so many minutes ago. */
async function put(minutes: number, tables: Record<string, object[]>): Promise<void> {
  for (const [table, rows] of Object.entries(tables)) {
    const stored = table === 'comparisons' ? {} : { stored_at: minutesAgo(minutes) }
    await store.insert(
      table,
      rows.map((row) => ({ ...row, ...stored })),
    )
  }
}

const exchanges = (...names: string[]) => ({
  exchanges: names.flatMap((name) => rowsOf.exchanges(anExchange(name, { capturedAt })).exchanges),
})
const observations = (name: string, ...arms: string[]) => {
  const set = arms.map((arm) => anObservation(name, arm))
  const exchange = anExchange(name, { capturedAt })
  return {
    observations: rowsOf.observations({ version: 1, exchange, servedCostUsd: null, observations: set }).observations,
  }
}
const comparisons = (name: string, ...arms: string[]) => ({
  comparisons: arms.flatMap((arm) => rowsOf.comparisons(aComparison(name, arm, { capturedAt })).comparisons),
})
const entries = (counts: Partial<Record<LedgerEntry['outcome'], number>>, changes: Partial<LedgerEntry> = {}) => ({
  ledger: Object.entries(counts).flatMap(
    ([outcome, count]) =>
      rowsOf.ledger(
        aLedgerEntry(`${JSON.stringify(changes)}-${outcome}`, {
          hour,
          outcome: outcome as 'served',
          count,
          ...changes,
        }),
      ).ledger,
  ),
})

async function balance(): Promise<Record<string, number>> {
  const [row] = await store.query<Record<string, number>>('SELECT * FROM ledger_balance')
  return Object.fromEntries(Object.entries(row!).filter(([, value]) => value !== 0))
}

test('nothing recorded is nothing missing', async () => {
  assert.deepEqual(await balance(), {})
})

test('an exchange that went all the way is accounted for, delivered twice or not', async () => {
  for (let time = 0; time < 2; time += 1) {
    await put(30 - time, entries({ served: 5, sampled_out: 3, dropped: 1, published: 1 }))
    await put(30 - time, exchanges('a'))
    await put(30 - time, observations('a', 'control', 'sonnet'))
    await put(30 - time, comparisons('a', 'control', 'sonnet'))
  }

  assert.deepEqual(await balance(), { exchanges_served: 5, exchanges_published: 1, exchanges_stored: 1 })
})

test('served and neither published nor counted under a reason is missing', async () => {
  await put(30, entries({ served: 5, sampled_out: 3 }))
  assert.deepEqual(await balance(), { exchanges_served: 5, unexplained_missing: 2, missing: 2 })
})

test('published and not stored is missing', async () => {
  await put(30, entries({ served: 3, published: 3 }))
  const { unstored_missing, missing } = await balance()
  assert.deepEqual([unstored_missing, missing], [3, 3])
})

test('what came in within ten minutes is pending, not missing', async () => {
  await put(1, entries({ served: 4, published: 3 }))
  await put(1, exchanges('a'))
  await put(1, observations('b', 'control'))
  const { missing, pending, unstored_pending, unexplained_pending, unobserved_pending, uncompared_pending } =
    await balance()

  assert.deepEqual([missing, pending], [undefined, 5])
  assert.deepEqual([unexplained_pending, unstored_pending, unobserved_pending, uncompared_pending], [1, 2, 1, 1])
})

test('a loss of an earlier hour is not hidden by a tap that counted too little in another', async () => {
  const earlier = new Date(Date.parse(hour) - 3_600_000).toISOString()
  await put(30, entries({ served: 2, published: 2 }, { hour: earlier }))
  await put(30, exchanges('a', 'b'))
  await put(30, observations('a', 'control'))
  await put(30, observations('b', 'control'))
  await put(30, comparisons('a', 'control'))
  await put(30, comparisons('b', 'control'))

  const { unstored_missing, missing } = await balance()
  assert.deepEqual([unstored_missing, missing], [2, 2])
})

test('a tap killed before it counted what it published leaves nothing missing', async () => {
  await put(30, entries({ served: 1 }))
  await put(30, { ...exchanges('a'), ...observations('a', 'control'), ...comparisons('a', 'control') })

  assert.deepEqual(await balance(), { exchanges_served: 1, exchanges_stored: 1 })
})

/** A later exchange went all the way: the stages are past what came in before it. */
async function movedOn(): Promise<void> {
  await put(5, exchanges('later'))
  await put(5, { ...observations('later', 'control'), ...comparisons('later', 'control') })
}

test('a backlog is on its way until the stage has passed it, and for a day at most', async () => {
  await put(30, exchanges('a'))
  assert.equal((await balance())['unobserved_pending'], 1)
  assert.equal((await balance())['missing'], undefined)

  await put(25 * 60, exchanges('b'))
  assert.equal((await balance())['unobserved_missing'], 1)
})

test('an exchange that no arm was asked about is missing, and so is an observation without a comparison', async () => {
  await put(30, exchanges('a', 'b'))
  await put(30, observations('b', 'control', 'sonnet'))
  await put(30, comparisons('b', 'control'))
  await movedOn()

  const { unobserved_missing, uncompared_missing, missing } = await balance()
  assert.deepEqual([unobserved_missing, uncompared_missing, missing], [1, 1, 2])
})

test('a dead letter accounts for its exchange until it is sent again', async () => {
  const waiting = aDeadLetter('a', { group: 'replay' })
  await put(30, exchanges('a'))
  await put(30, { dead_letters: rowsOf['dead-letters'](waiting).dead_letters })
  await movedOn()
  assert.equal((await balance())['missing'], undefined)

  await put(30, {
    dead_letters: rowsOf['dead-letters']({ ...waiting, resentAt: '2026-11-20T11:00:00.000Z' }).dead_letters,
  })
  assert.equal((await balance())['missing'], 1)

  await put(30, {
    dead_letters: rowsOf['dead-letters']({ ...waiting, failedAt: '2026-11-20T12:00:00.000Z' }).dead_letters,
  })
  assert.equal((await balance())['missing'], undefined)
})

test('an exchange that record itself gave up is accounted for', async () => {
  await put(30, entries({ served: 1, published: 1 }))
  await put(30, {
    dead_letters: rowsOf['dead-letters'](aDeadLetter('a', { group: 'record', valueBase64: '' })).dead_letters,
  })

  assert.deepEqual(await balance(), { exchanges_served: 1, exchanges_published: 1, exchanges_dead: 1 })
})

test('a file imported twice is counted twice there, stored once, and not missing', async () => {
  await put(30, entries({ served: 1, published: 1 }, { stage: 'import' }))
  await put(30, entries({ served: 1, published: 1 }, { stage: 'import', route: 'again' }))
  const imported = anExchange('a', { capturedAt, source: 'import' })
  await put(30, { exchanges: rowsOf.exchanges(imported).exchanges })
  await put(30, { ...observations('a', 'control'), ...comparisons('a', 'control') })

  assert.deepEqual(await balance(), { exchanges_stored: 1 })
})

test('hours that retention deletes are left out, so that their deletion does not look like a loss', async () => {
  const old = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 400 * 24 * 3_600_000).toISOString()
  await put(399.9 * 24 * 60, entries({ served: 7, published: 7 }, { hour: old }))

  assert.deepEqual(await balance(), {})
})

test('ledger_lines tells every ending with its reason, each delivered once', async () => {
  for (let time = 0; time < 2; time += 1) {
    await put(30 - time, entries({ served: 5, published: 1 }))
    await put(30 - time, entries({ dropped: 4 }, { reason: 'queue_full' }))
    await put(30 - time, entries({ dropped: 2 }, { reason: 'queue_full', route: 'other' }))
    await put(30 - time, exchanges('a'))
    await put(30 - time, observations('a', 'control', 'sonnet'))
    await put(30 - time, comparisons('a', 'control'))
    await put(30 - time, {
      comparisons: rowsOf.comparisons(aComparison('a', 'sonnet', { capturedAt, outcome: 'failed', reason: 'timeout' }))
        .comparisons,
      dead_letters: rowsOf['dead-letters'](aDeadLetter('z')).dead_letters,
    })
  }

  const lines = await store.query<Record<string, unknown>>(
    'SELECT * FROM ledger_lines ORDER BY stage, arm, outcome, reason',
  )
  assert.deepEqual(
    lines.map((line) => Object.values(line)),
    [
      ['compare', 'control', 'equivalent', null, 1],
      ['compare', 'sonnet', 'failed', 'timeout', 1],
      ['record', null, 'stored', null, 1],
      ['replay', 'control', 'answered', null, 1],
      ['replay', 'sonnet', 'answered', null, 1],
      ['replay', null, 'dead_lettered', 'MESSAGE_MALFORMED', 1],
      ['tap', null, 'dropped', 'queue_full', 6],
      ['tap', null, 'published', null, 1],
      ['tap', null, 'served', null, 5],
    ],
  )
})
