import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { afterErasure } from '../../../../services/cli/erase/after-erasure.ts'
import { readBreakdownSums } from '../../../../services/report/breakdown-source.ts'
import { type DaysMemory, type DaysStore, openDays, type Subject } from '../../../../services/report/days/days.ts'
import { readFacts } from '../../../../services/report/facts/store-facts.ts'
import { readScoring } from '../../../../services/report/scoring.ts'
import { type PairRow } from '../../../../services/report/pairs.ts'
import { comparisonRow } from '../../../support/comparison-rows.ts'
import { migratedStore } from '../../../support/migrated-store.ts'
import { candidateArm, controlArm, dayMs } from '../../../support/pair-rows.ts'
import { randomTraffic, trafficStartMs } from '../../../support/random-traffic.ts'

const store = await migratedStore()
const hours = 100
const endMs = trafficStartMs + hours * 3_600_000 + 12 * 3_600_000
const subject: Subject = {
  arm: 'small',
  fingerprint: candidateArm.fingerprint,
  control: controlArm.fingerprint,
  sinceMs: 0,
  untilMs: endMs,
}
const terms = { waivers: [], scorers: [{ name: 'tone', as: 'score' as const }], at: new Date(endMs) }

function rowsAs(arm: string, rows: readonly PairRow[]): object[] {
  return rows.map((row, index) => ({
    ...comparisonRow(row, arm),
    prompt_id: `prompt-${index % 3}`,
    decided_by: ['json', 'facts', 'text'][index % 3],
    finding: ['same', 'harmless', 'harmful'][index % 3],
    control_finding: ['same', 'same', 'unsure'][index % 3],
    control_decided_by: 'text',
    kinds: [`facts:amount`, `json:value`].slice(0, index % 3),
    control_kinds: ['json:value'].slice(0, index % 2),
    paths: ['/total', `/items/${index % 5}`].slice(0, index % 3),
    scores: { json_fields: 1, tone: (index % 10) / 10, grounded: 0.5, grounded_claims: index % 4 },
    control_scores: { json_fields: 1, grounded: 0.75, grounded_claims: index % 3 },
    served_scores: { schema_kept: 1, grounded: 1, grounded_claims: 2 },
    scorer_version: `v${index % 2}`,
    waived: index % 11 === 0 ? ['w1'] : [],
    not_scored: index % 13 === 0 ? { tone: 'threw TypeError' } : {},
    served_label: ['yes', 'no'][index % 2],
    label: ['yes', 'no'][index % 3 === 0 ? 1 : 0],
    control_label: 'yes',
    task: index % 4 === 0 ? 'label' : 'json',
  }))
}

const traffic = randomTraffic(11, 900, hours)
await store.insert('comparisons', rowsAs('small', traffic))
await store.insert('comparisons', rowsAs('control', traffic.slice(0, 300)))
// Delivered twice.
await store.insert('comparisons', rowsAs('small', traffic).slice(0, 200))
await store.insert(
  'observations',
  traffic.map(({ exchangeId, capturedAtMs }, index) => ({
    observation_id: exchangeId,
    exchange_id: exchangeId,
    arm: 'small',
    arm_fingerprint: candidateArm.fingerprint,
    captured_at: new Date(capturedAtMs).toISOString(),
    asked_at: new Date(capturedAtMs).toISOString(),
    input_tokens: 10 + index,
    output_tokens: 20,
    cost_usd: 0.001,
  })),
)

/** Everything that is asked by days, each number to nine digits: sums in another order differ in the last ones. */
async function everything(asked: DaysStore, about: Subject, leastRows: number): Promise<object> {
  const ask = await openDays(asked, about, { leastRows })
  const all = {
    breakdown: await readBreakdownSums(ask, true),
    scoring: await readScoring(ask, asked, about, terms),
    facts: await readFacts(ask, asked, about),
  }
  return JSON.parse(
    JSON.stringify(all, (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value)),
  ) as object
}

/** The store, and how many questions about rows it was asked. */
function watched() {
  let questions = 0
  const query: DaysStore['query'] = (sql, params) => {
    if (/FROM comparisons AS pair FINAL/.test(sql)) questions += 1
    return store.query(sql, params)
  }
  return { store: { kind: store.kind, insert: store.insert.bind(store), query }, count: () => questions }
}

test('what is put together from days is what is asked at once, for any span', async () => {
  for (const [sinceMs, untilMs] of [
    [0, endMs],
    [trafficStartMs + 20 * 3_600_000, trafficStartMs + 70 * 3_600_000],
    [trafficStartMs - (trafficStartMs % dayMs) + dayMs, endMs],
  ] as const) {
    const about = { ...subject, sinceMs, untilMs }
    const once = await everything(store, about, Infinity)
    deepEqual(await everything(store, about, 0), once)
    deepEqual(await everything(store, about, 0), once, 'and from what was kept')
  }
})

test('a day is asked about once, and again when a row of it has come since', async () => {
  await everything(store, subject, 0)
  const kept = watched()
  const before = await everything(kept.store, subject, 0)
  const edges = kept.count()

  const late = { ...traffic.find(({ capturedAtMs }) => capturedAtMs > trafficStartMs + 2 * dayMs)! }
  await store.insert('comparisons', rowsAs('small', [{ ...late, exchangeId: crypto.randomUUID() }]))
  const changed = watched()
  const after = await everything(changed.store, subject, 0)
  ok(changed.count() > edges)
  notDeepEqual(after, before)
  deepEqual(after, await everything(store, subject, Infinity))

  const again = watched()
  deepEqual(await everything(again.store, subject, 0), after)
  equal(again.count(), edges)
})

test('a day is asked about again when what an arm did has come later than how it compares', async () => {
  const tokens = async () => {
    const facts = await readFacts(await openDays(store, subject, { leastRows: 0 }), store, subject)
    return facts.tokens.find(({ whose }) => whose === 'candidate')!.tokens
  }
  const before = await tokens()
  const { exchangeId, capturedAtMs } = traffic.find((row) => row.capturedAtMs > trafficStartMs + 2 * dayMs)!
  const [arm, at] = [{ arm: 'small', arm_fingerprint: candidateArm.fingerprint }, new Date(capturedAtMs).toISOString()]
  const known = { exchange_id: exchangeId, captured_at: at, asked_at: at, ...arm }
  const counted = { input_tokens: 1_000, output_tokens: 500, cost_usd: 0.001 }
  await store.insert('observations', [{ observation_id: crypto.randomUUID(), ...known, ...counted }])
  equal(await tokens(), before + 1_500)
})

test('what a process has read of days it does not read again, until a row of one has come since', async () => {
  const memory: DaysMemory = new Map()
  let read = 0
  const query: DaysStore['query'] = (sql, params) => {
    if (/FROM report_days/.test(sql)) read += 1
    return store.query(sql, params)
  }
  const breakdown = async () =>
    await readBreakdownSums(await openDays({ ...store, query }, subject, { leastRows: 0, memory }), true)
  const first = await breakdown()
  const readOnce = read
  ok(readOnce > 0)
  deepEqual(await breakdown(), first)
  const late = { ...traffic.find(({ capturedAtMs }) => capturedAtMs > trafficStartMs + 2 * dayMs)! }
  await store.insert('comparisons', rowsAs('small', [{ ...late, exchangeId: crypto.randomUUID() }]))
  const after = await breakdown()
  notDeepEqual(after, first)
  deepEqual(after, await readBreakdownSums(await openDays(store, subject, { leastRows: Infinity }), true))
  equal(read, readOnce)
})

test('what is erased is in nothing that a running process remembers', async () => {
  const memory: DaysMemory = new Map()
  const breakdown = async (leastRows: number) =>
    await readBreakdownSums(await openDays(store, subject, { leastRows, memory }), true)
  const before = await breakdown(0)
  const { exchangeId, capturedAtMs } = traffic.find((row) => row.capturedAtMs > trafficStartMs + 2 * dayMs)!
  await store.command(`DELETE FROM comparisons WHERE exchange_id = '${exchangeId}'`)
  await afterErasure(store, { from: new Date(capturedAtMs), until: new Date(capturedAtMs) })
  const after = await breakdown(0)
  notDeepEqual(after, before)
  deepEqual(after, await breakdown(Infinity))
})

test('an edge of a span without a row is not asked about', async () => {
  const aDay = { sinceMs: trafficStartMs - (trafficStartMs % dayMs) + dayMs, untilMs: 0 }
  const whole = { ...subject, ...aDay, untilMs: aDay.sinceMs + dayMs - 1 }
  const longer = { ...whole, untilMs: endMs + 10 * dayMs }
  const questionsOf = async (about: Subject): Promise<number> => {
    await readBreakdownSums(await openDays(store, about, { leastRows: 0 }), true)
    const asked = watched()
    await readBreakdownSums(await openDays(asked.store, about, { leastRows: 0 }), true)
    return asked.count()
  }
  equal(await questionsOf(whole), 0)
  equal(await questionsOf(longer), 0)
  ok((await questionsOf({ ...longer, sinceMs: trafficStartMs })) > 0)
})

test('other settings are another subject, and who may not write keeps nothing', async () => {
  const other = { ...subject, control: '' }
  const reader = watched()
  const inserted: string[] = []
  const insert = async (table: string) => void inserted.push(table)
  const one = await everything({ ...reader.store, kind: 'reader', insert }, other, 0)
  deepEqual(inserted, [])
  deepEqual(one, await everything(store, other, Infinity))
})

test('what is little is asked at once', async () => {
  const little = watched()
  await everything(little.store, { ...subject, arm: 'nobody' }, 50_000)
  const rows = await store.query<{ n: number }>("SELECT toFloat64(count()) AS n FROM report_days WHERE arm = 'nobody'")
  equal(rows[0]!.n, 0)
})
