import { deepEqual, equal, ok } from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import * as fc from 'fast-check'
import { ledgerHoursOfErasing, reopenLedgerHours } from '../../../services/cli/erase/ledger-hours.ts'
import { erasedRow } from '../../../services/record/erased.ts'
import { rowsOf } from '../../../services/record/rows.ts'
import { settleLedger } from '../../../services/record/settle-ledger.ts'
import { deleteErasing, openErasing } from '../../../shared/store/erase.ts'
import { migratedStore } from '../../support/migrated-store.ts'
import { aComparison, aDeadLetter, aLedgerEntry, anExchange, anObservation } from './samples.ts'

const store = await migratedStore()
const now = new Date()
const later = new Date(now.getTime() + 86_400_000)

const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()
const thisHourMs = Math.floor(now.getTime() / 3_600_000) * 3_600_000
/** Four exchanges an hour of three past hours; their times do not tell their order. */
const hourOf = (exchange: number) => new Date(thisHourMs - (5 + (exchange % 3)) * 3_600_000).toISOString()
const capturedAt = (exchange: number) => new Date(Date.parse(hourOf(exchange)) + exchange * 1_000).toISOString()
const exchanges = 12
const nameOf = (exchange: number) => `e${exchange}`
const sourceOf = (exchange: number) => (exchange % 4 === 0 ? 'import' : 'tap')
const arms = ['control', 'small'] as const
const ages = [2, 40, 3_000]

beforeEach(async () => {
  for (const table of ['exchanges', 'observations', 'comparisons', 'dead_letters', 'ledger', 'ledger_hours'])
    await store.command(`TRUNCATE TABLE ${table}`)
})

type Arm = (typeof arms)[number]
type Act =
  | { do: 'exchange'; of: number; age: number }
  | { do: 'observation'; of: number; arm: Arm; age: number }
  | { do: 'comparison'; of: number; arm: Arm; age: number }
  | { do: 'entry'; of: number; outcome: 'served' | 'published' | 'dropped'; age: number; id: number }
  | { do: 'letter'; of: number; isResent: boolean }
  | { do: 'erase'; of: number }
  | { do: 'settle'; rows: number }

const of = fc.nat(exchanges - 1)
const age = fc.constantFrom(...ages)
const arm = fc.constantFrom(...arms)
/** Of the same version it says the same. */
const isFailed = (minutes: number) => minutes === 40
const anAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('exchange'), of, age }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('observation'), of, arm, age }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('comparison'), of, arm, age }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('entry'),
      of,
      outcome: fc.constantFrom('served', 'published', 'dropped'),
      age,
      id: fc.nat(3),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('letter'), of, isResent: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('erase'), of }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('settle'), rows: fc.constantFrom(1, 1_000) }) },
) as fc.Arbitrary<Act>

async function perform(act: Act): Promise<void> {
  if (act.do === 'settle') return void (await settleLedger(store, later, { rows: act.rows }))
  const name = nameOf(act.of)
  const exchange = anExchange(name, { capturedAt: capturedAt(act.of), source: sourceOf(act.of) })
  const put = (table: string, rows: object[], changes: object) =>
    store.insert(
      table,
      rows.map((row) => ({ ...row, ...changes })),
    )
  if (act.do === 'exchange')
    return await put('exchanges', rowsOf.exchanges(exchange).exchanges, { stored_at: minutesAgo(act.age) })
  if (act.do === 'observation') {
    const asked = isFailed(act.age)
      ? { outcome: 'failed' as const, failureKind: 'timeout' as const }
      : { outcome: 'answered' as const }
    // Of two versions the later one is the one that was stored later.
    const observation = anObservation(name, act.arm, { ...asked, askedAt: minutesAgo(act.age) })
    const { observations } = rowsOf.observations({
      version: 1,
      exchange,
      servedCostUsd: null,
      observations: [observation],
    })
    return await put('observations', observations, { stored_at: minutesAgo(act.age) })
  }
  if (act.do === 'comparison') {
    const outcome = isFailed(act.age) ? 'failed' : 'equivalent'
    const changes = { capturedAt: capturedAt(act.of), comparedAt: minutesAgo(act.age), outcome } as const
    return await put('comparisons', rowsOf.comparisons(aComparison(name, act.arm, changes)).comparisons, {})
  }
  if (act.do === 'entry') {
    const { outcome, id } = act
    const entry = aLedgerEntry(`${hourOf(act.of)} ${outcome} ${id}`, { hour: hourOf(act.of), outcome, count: id + 1 })
    return await put('ledger', rowsOf.ledger(entry).ledger, { stored_at: minutesAgo(act.age) })
  }
  if (act.do === 'letter') {
    const failedAt = minutesAgo(500)
    const letter = aDeadLetter(name, { group: 'replay', failedAt, resentAt: act.isResent ? minutesAgo(400) : null })
    return await put('dead_letters', rowsOf['dead-letters'](letter).dead_letters, {})
  }
  await erase(act.of)
}

/** As `understudy erase` does it. */
async function erase(index: number): Promise<void> {
  const exchange = anExchange(nameOf(index), { capturedAt: capturedAt(index), source: sourceOf(index) })
  const { exchangeId, upstream, route, source } = exchange
  const erasing = await openErasing(store, [exchangeId])
  const [stored] = await store.query<{ n: number }>(
    `SELECT toFloat64(count()) AS n FROM exchanges WHERE exchange_id = '${exchangeId}'`,
  )
  const about = { exchangeId, conversationId: null, tenantId: null, capturedAt: exchange.capturedAt }
  if (stored!.n > 0) await store.insert('ledger', erasedRow({ ...about, counted: { upstream, route, source } }))
  const hours = await ledgerHoursOfErasing(store)
  // Counted while the rows are still there.
  await settleLedger(store, later)
  for (const table of ['exchanges', 'observations', 'comparisons']) await deleteErasing(store, table)
  await reopenLedgerHours(store, hours)
  await erasing.drop()
}

async function told(): Promise<object> {
  const [balance] = await store.query<object>('SELECT * FROM ledger_balance')
  const lines = await store.query<object>('SELECT * FROM ledger_lines ORDER BY stage, arm, outcome, reason')
  return { balance, lines }
}

/** From the rows of the tables, with none of the views of the ledger: everything is small enough to be held. */
async function counted(): Promise<object> {
  const read = (table: string) => store.query<Record<string, string>>(`SELECT * FROM ${table}_unique`)
  const [seen, answers, compared, letters, entries] = await Promise.all(
    ['exchanges', 'observations', 'comparisons', 'dead_letters', 'ledger'].map(read),
  )
  const lines = new Map<string, number>()
  const add = (stage: string, of: string | null, outcome: string, reason: string, times = 1) => {
    const key = JSON.stringify([stage, of, outcome, reason === '' ? null : reason])
    lines.set(key, (lines.get(key) ?? 0) + times)
  }
  for (const { stage, outcome, reason, count } of entries!) add(stage!, null, outcome!, reason!, Number(count))
  for (const _ of seen!) add('record', null, 'stored', '')
  for (const { arm: by, outcome, reason } of answers!) add('replay', by!, outcome!, reason!)
  for (const { arm: by, outcome, reason } of compared!) add('compare', by!, outcome!, reason!)
  for (const { consumer_group: group, resent_at: resentAt, error_code: code } of letters!)
    add(group!, null, resentAt === null ? 'dead_lettered' : 'resent', code!)

  const ms = (time: string) => Date.parse(`${time.replace(' ', 'T')}Z`)
  const held = new Set(letters!.filter(({ resent_at }) => resent_at === null).map(({ exchange_id }) => exchange_id))
  const balanceOf = (rows: Record<string, string>[], isDone: (row: Record<string, string>) => boolean) => {
    const reached = Math.max(0, ...rows.filter(isDone).map(({ stored_at }) => ms(stored_at!)))
    const dayAgo = now.getTime() - 86_400_000
    const settled = Math.min(now.getTime() - 600_000, Math.max(dayAgo, reached - 600_000))
    const left = rows.filter((row) => !isDone(row) && !held.has(row['exchange_id']))
    const missing = left.filter(({ stored_at }) => ms(stored_at!) < settled).length
    return { missing, pending: left.length - missing }
  }
  const asked = new Set(answers!.map(({ exchange_id }) => exchange_id))
  const ids = new Set(compared!.map(({ comparison_id }) => comparison_id))
  const unobserved = balanceOf(seen!, ({ exchange_id }) => asked.has(exchange_id))
  const uncompared = balanceOf(answers!, ({ observation_id }) => ids.has(observation_id))
  const sums = { served: 0, published: 0, unexplained: [0, 0], unstored: [0, 0] }
  for (const hour of new Set(entries!.map((entry) => entry['hour']!))) {
    const ofHour = entries!.filter((entry) => entry['hour'] === hour)
    const total = (is: (entry: Record<string, string>) => boolean) =>
      ofHour.filter(is).reduce((sum, { count }) => sum + Number(count), 0)
    const isRecent = ({ stored_at }: Record<string, string>) => ms(stored_at!) > now.getTime() - 600_000
    const [served, published] = ['served', 'published'].map((name) => total(({ outcome }) => outcome === name))
    const arrived =
      seen!.filter(({ source, captured_at }) => source === 'tap' && captured_at!.slice(0, 13) === hour.slice(0, 13))
        .length + total(({ outcome, reason }) => outcome === 'erased' && reason === 'tap')
    const unstored = Math.max(0, published! - arrived)
    const unexplained = Math.max(
      0,
      served! - total(({ outcome }) => outcome === 'dropped') - Math.max(published!, arrived),
    )
    const late = (all: number, name: string) =>
      Math.min(
        all,
        total((entry) => entry['outcome'] === name && isRecent(entry)),
      )
    sums.served += served!
    sums.published += published!
    sums.unstored[1]! += late(unstored, 'published')
    sums.unstored[0]! += unstored - late(unstored, 'published')
    sums.unexplained[1]! += late(unexplained, 'served')
    sums.unexplained[0]! += unexplained - late(unexplained, 'served')
  }
  return {
    balance: {
      exchanges_served: sums.served,
      exchanges_published: sums.published,
      exchanges_stored: seen!.length,
      exchanges_dead: 0,
      unexplained_missing: sums.unexplained[0],
      unexplained_pending: sums.unexplained[1],
      unstored_missing: sums.unstored[0],
      unstored_pending: sums.unstored[1],
      unobserved_missing: unobserved.missing,
      unobserved_pending: unobserved.pending,
      uncompared_missing: uncompared.missing,
      uncompared_pending: uncompared.pending,
      missing: sums.unexplained[0]! + sums.unstored[0]! + unobserved.missing + uncompared.missing,
      pending: sums.unexplained[1]! + sums.unstored[1]! + unobserved.pending + uncompared.pending,
    },
    lines: [...lines]
      .map(([key, count]) => {
        const [stage, by, outcome, reason] = JSON.parse(key) as string[]
        return { stage, arm: by, outcome, reason, count }
      })
      .toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)),
  }
}

const orderOf = ({ stage, arm: by, outcome, reason }: { [name: string]: unknown }) =>
  JSON.stringify([stage, by ?? '~', outcome, reason ?? '~'])

test('whatever came when, twice, late or was erased: the ledger tells what the rows tell, settled or not', async () => {
  await fc.assert(
    fc
      .asyncProperty(fc.array(anAct, { minLength: 20, maxLength: 60 }), async (acts) => {
        for (const act of acts) await perform(act)
        const fromRows = await counted()
        deepEqual(await told(), fromRows)
        await settleLedger(store, later)
        deepEqual(await told(), fromRows)
      })
      .beforeEach(async () => {
        for (const table of ['exchanges', 'observations', 'comparisons', 'dead_letters', 'ledger', 'ledger_hours'])
          await store.command(`TRUNCATE TABLE ${table}`)
      }),
    { numRuns: 8, endOnFailure: true },
  )
})

test('a settled ledger is told without a row, and an hour that is not over is not settled', async () => {
  for (const index of [0, 1, 2, 3]) {
    await perform({ do: 'exchange', of: index, age: 40 })
    await perform({ do: 'observation', of: index, arm: 'small', age: 40 })
    await perform({ do: 'comparison', of: index, arm: 'small', age: index === 3 ? 40 : 50 })
  }
  await perform({ do: 'entry', of: 1, outcome: 'published', age: 40, id: 1 })
  const before = await told()
  equal(await settleLedger(store, new Date(thisHourMs - 86_400_000)), 0)
  ok((await settleLedger(store, now)) >= 3)
  equal(await settleLedger(store, now), 0)
  for (const table of ['exchanges', 'observations', 'comparisons', 'ledger'])
    await store.command(`TRUNCATE TABLE ${table}`)
  deepEqual(await told(), before)
})

test('who is told to stop begins no further statement', async () => {
  await perform({ do: 'exchange', of: 0, age: 40 })
  const signal = AbortSignal.abort()
  equal(await settleLedger(store, later, { signal }), 0)
})
