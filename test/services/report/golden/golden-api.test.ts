import { deepEqual, equal, match, notEqual, ok, rejects, throws } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { eraseEverywhere } from '../../../../services/cli/erase/erase-everywhere.ts'
import { exchangeBodyRow, exchangeRow } from '../../../../services/record/rows.ts'
import { addressOf, sealItem } from '../../../../services/report/golden/address.ts'
import { freezeSet, freezeVersion } from '../../../../services/report/golden/freeze.ts'
import { readTruth, withTruth } from '../../../../services/report/golden/ground-truth.ts'
import { openingAct, readOpenings } from '../../../../services/report/golden/openings.ts'
import { isIntact, readItems, setOf } from '../../../../services/report/golden/sets.ts'
import { addLabel } from '../../../../services/report/review/labels.ts'
import { startReport } from '../../../../services/report/main.ts'
import { auditRow } from '../../../../services/record/rows.ts'
import { armsOf } from '../../../../shared/config/arms.ts'
import { Config } from '../../../../shared/config/schema.ts'
import {
  GoldenFrozen,
  type GoldenItem,
  GoldenRow,
  GoldenSetView,
  GoldenSets,
  type GoldenSpec,
} from '../../../../shared/contracts/golden.ts'
import { uuidv7 } from '../../../../shared/ids.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'
import { comparisonRow } from '../../../support/comparison-rows.ts'
import { migratedStore } from '../../../support/migrated-store.ts'
import { aPairRow } from '../../../support/pair-rows.ts'
import { anAnswer, anExchange } from '../../record/samples.ts'

const config = Config.parse({
  tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
  providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
  control: { provider: 'openai' },
  candidates: [{ name: 'subtle', provider: 'openai', model: 'small-1' }],
  report: { listen: '127.0.0.1:0' },
})
const subtle = armsOf(config).find(({ name }) => name === 'subtle')!
const none = () => Promise.reject(new Error('nobody asks for it here'))
const store = await migratedStore()
let report: Awaited<ReturnType<typeof startReport>>

/** Sixty exchanges of thirty conversations on two routes, a few of them rare; the last one was not served well. */
const exchanges = Array.from({ length: 60 }, (_, number) => {
  const exchange = anExchange(`golden-${number}`, {
    conversationId: `conversation-${Math.floor(number / 2)}`,
    tenantId: number < 4 ? 'acme' : null,
    route: number % 20 === 7 ? 'invoice' : 'support',
    sampleProbability: 0.5,
  })
  exchange.capturedAt = new Date(Date.UTC(2026, 10, 2, 8) + number * 60_000).toISOString()
  exchange.request.body.data = JSON.stringify({
    model: 'gpt-4o',
    temperature: 0.2,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: `What does ${number} cost?` },
    ],
  })
  exchange.served.answer = anAnswer({ text: `It costs ${number} €, =1+1` })
  if (number === 59) exchange.served.status = 500
  return exchange
})

before(async () => {
  await store.insert('exchanges', exchanges.map(exchangeRow))
  await store.insert('exchange_bodies', exchanges.map(exchangeBodyRow))
  await store.insert(
    'comparisons',
    exchanges.map((exchange, number) =>
      comparisonRow(
        aPairRow(number, {
          exchangeId: exchange.exchangeId,
          armFingerprint: subtle.fingerprint,
          capturedAtMs: Date.parse(exchange.capturedAt),
          conversationId: exchange.conversationId,
          route: exchange.route,
          task: 'text',
          ...(number % 3 === 0 ? { outcome: 'different', quality: 0.2 } : {}),
        }),
        'subtle',
      ),
    ),
  )
  report = await startReport({ config, store, logger, intake: { take: none }, arms: { list: none, setPaused: none } })
})
after(() => report.stop())

const spec = (changes: Partial<GoldenSpec> = {}): GoldenSpec => ({
  size: 20,
  seed: 1,
  since: null,
  until: '2026-11-28T00:00:00.000Z',
  by: ['route', 'outcome'],
  holdoutShare: 0.3,
  candidate: 'subtle',
  ...changes,
})
const now = new Date('2026-11-28T01:00:00.000Z')
const freeze = (name: string, changes: Partial<GoldenSpec> = {}) =>
  freezeSet(store, { name, spec: spec(changes), by: 'ana', now })
const idsIn = async (address: string, split: 'dev' | 'holdout' | 'all' = 'all') =>
  (await readItems(store, { address }, split)).map(({ item }) => item.exchange.exchangeId)
const get = async (path: string) => {
  const response = await fetch(`${report.url}${path}`)
  return { status: response.status, headers: response.headers, text: await response.text() }
}

test('freezing is the same for a seed: the same items, whatever else is frozen, and another draw for another seed', async () => {
  const first = await freeze('first')
  const again = await freeze('again')
  const other = await freeze('other', { seed: 2 })

  deepEqual(await idsIn(again.address), await idsIn(first.address))
  notEqual((await idsIn(other.address)).join(), (await idsIn(first.address)).join())
  const [a, b] = await Promise.all([first, again].map((set) => readItems(store, set, 'all')))
  deepEqual(
    a!.map(({ hash }) => hash),
    b!.map(({ hash }) => hash),
  )
  // The name is part of what it is.
  notEqual(first.address, again.address)
})

test('it is a sample by strata: rare kinds are in it, each item with the chance it had, and what failed is not', async () => {
  const set = await freeze('strata')
  equal(set.items, 20)
  deepEqual(
    set.strata.map(({ stratum, exchanges: of }) => [stratum, of]),
    [
      ['route=invoice · outcome=different', 1],
      ['route=invoice · outcome=equivalent', 2],
      ['route=support · outcome=different', 19],
      ['route=support · outcome=equivalent', 37],
    ],
  )
  const items = await readItems(store, set, 'all')
  for (const { item } of items) {
    const { exchanges: of, items: taken } = set.strata.find(({ stratum }) => stratum === item.stratum)!
    equal(item.inclusionProbability, taken / of)
    notEqual(item.exchange.exchangeId, exchanges[59]!.exchangeId)
  }
  // What they stand for adds up to the traffic they were drawn from.
  const total = items.reduce((sum, { item }) => sum + 1 / item.inclusionProbability, 0)
  ok(Math.abs(total - 59) < 1e-9)
})

test('the hold-out is whole conversations and no more than its share, and no page shows it', async () => {
  const set = await freeze('kept')
  ok(set.holdout > 0 && set.holdout <= 6)
  const conversations = async (split: 'dev' | 'holdout') =>
    new Set((await readItems(store, set, split)).map(({ item }) => item.exchange.conversationId))
  const [dev, holdout] = [await conversations('dev'), await conversations('holdout')]
  for (const conversation of holdout) equal(dev.has(conversation), false)

  const kept = await idsIn(set.address, 'holdout')
  for (const path of ['/api/v1/golden/kept', '/api/v1/golden/kept/export?format=csv']) {
    const { status, text } = await get(path)
    equal(status, 200)
    for (const id of kept) equal(text.includes(id), false)
  }
})

test('an item says all that a golden set has to: prompt, context, model, answer, latency, tokens and scores', async () => {
  const view = GoldenSetView.parse(JSON.parse((await get('/api/v1/golden/strata')).text))
  equal(view.intact, true)
  const [row] = view.rows
  const exchange = exchanges.find(({ exchangeId }) => exchangeId === row!.id)!
  match(row!.prompt, /^What does \d+ cost\?$/)
  deepEqual(row!.context, ['system: Be brief.'])
  deepEqual(row!.modelConfig, {
    upstream: 'openai',
    dialect: 'openai-chat',
    servedModel: 'gpt-4o-2026-08-06',
    model: 'gpt-4o',
    temperature: 0.2,
  })
  equal(row!.servedOutput, exchange.served.answer!.text)
  deepEqual([row!.latencyMs, row!.ttftMs, row!.inputTokens, row!.outputTokens], [900, 210.5, 120, 8])
  equal(row!.automatedScores[0]!.arm, 'subtle')
  ok(row!.weight >= 2)
})

test('a changed byte anywhere is another address', async () => {
  const [{ item }] = (await readItems(store, await setOf(store, 'strata'), 'all')) as unknown as [{ item: GoldenItem }]
  const { content, hash } = sealItem(item)
  fc.assert(
    fc.property(fc.nat(content.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, letter) => {
      fc.pre(content[at] !== letter)
      const changed = content.slice(0, at) + letter + content.slice(at + 1)
      let parsed: GoldenItem
      try {
        parsed = JSON.parse(changed) as GoldenItem
      } catch {
        return
      }
      // Another way to write the same value is the same item.
      if (sealItem(parsed).content !== content) notEqual(sealItem(parsed).hash, hash)
    }),
  )
  const manifest = { name: 'n', setVersion: 1, parent: null, spec: spec(), itemHashes: ['a', 'b'] }
  for (const change of [
    { name: 'm' },
    { setVersion: 2 },
    { parent: 'sha256:0' },
    { spec: spec({ seed: 2 }) },
    { itemHashes: ['a', 'c'] },
    { itemHashes: ['b', 'a'] },
  ])
    notEqual(addressOf({ ...manifest, ...change }), addressOf(manifest))
})

test('an item that was changed in the store is found out', async () => {
  const set = await freeze('forged')
  equal(await isIntact(store, await setOf(store, 'forged')), true)
  await store.command(
    `ALTER TABLE golden_items UPDATE content = replaceOne(content, 'cost', 'c0st') WHERE set_address = '${set.address}' AND position = 3 SETTINGS mutations_sync = 2`,
  )
  equal(await isIntact(store, await setOf(store, 'forged')), false)
  equal(GoldenSetView.parse(JSON.parse((await get('/api/v1/golden/forged')).text)).intact, false)
})

test('a name is taken once, and a set that is not there is told with those that are', async () => {
  await rejects(freeze('first'), /is there already, and nothing of it can change/)
  const { status, text } = await get('/api/v1/golden/frist')
  equal(status, 404)
  match(text, /choose from .*first/)
  await rejects(freeze('nothing', { until: '2026-01-01T00:00:00.000Z' }), /there is no exchange to freeze/)
})

test('ground truth makes the next version, of the same exchanges and hold-out; the one before stays as it was', async () => {
  const parent = await setOf(store, 'strata')
  const items = (await readItems(store, parent, 'all')).map(({ item }) => item)
  const [first, second] = items.map(({ exchange }) => exchange.exchangeId)
  const lines = readTruth(
    `id,groundTruth,notes,servedOutput\n${first},"It costs, say, 5 €",checked,x\n${second},,odd,y\n`,
    'truth.csv',
  )
  const next = await freezeVersion(store, parent, withTruth(items, lines, 'ben', now), 'ben', now)

  deepEqual([next.setVersion, next.parent, next.withGroundTruth, next.holdout], [2, parent.address, 1, parent.holdout])
  deepEqual(await idsIn(next.address, 'holdout'), await idsIn(parent.address, 'holdout'))
  const of = (await readItems(store, next, 'all')).map(({ item }) => item)
  deepEqual(of[0]!.groundTruth, { answer: 'It costs, say, 5 €', by: 'ben', importedAt: now.toISOString() })
  equal(of[1]!.notes, 'odd')
  equal((await setOf(store, 'strata', 1)).withGroundTruth, 0)
  equal(await isIntact(store, await setOf(store, 'strata')), true)
})

test('ground truth that cannot be used is told line by line', async () => {
  const items: GoldenItem[] = []
  for (const [text, told] of [
    ['{"id":"a","groundTruth":"x"}\nnot json', /line 2: not a JSON object/],
    ['id,groundTruth\n,x\n', /line 2: there is no id/],
    ['id,groundTruth\na,x\na,y\n', /line 3: a is on line 2 already/],
    ['id,groundTruth\na,\n', /has no ground truth/],
  ] as const)
    throws(() => readTruth(text, 'file'), told)
  await rejects(
    async () => withTruth(items, [{ id: 'a', groundTruth: 'x', notes: null }], 'ben', now),
    /1 ids are not in the set \(a\)/,
  )
})

test('an opening is one entry of the audit log, is told once, and stays with the name', async () => {
  const set = await setOf(store, 'kept')
  const opening = { how: 'run' as const, candidate: 'subtle', armFingerprint: subtle.fingerprint, address: set.address }
  const entry = () =>
    auditRow({
      version: 1,
      entryId: uuidv7(),
      at: now.toISOString(),
      actor: 'os:ana',
      details: {},
      ...openingAct('kept', opening),
    })
  await store.insert('audit_log', [entry()])
  await store.insert('audit_log', [entry()])
  deepEqual(await readOpenings(store, 'kept'), [{ openedAt: now.toISOString(), openedBy: 'os:ana', ...opening }])
  const { sets } = GoldenSets.parse(JSON.parse((await get('/api/v1/golden')).text))
  equal(sets.find(({ name }) => name === 'kept')!.openings.length, 1)
  equal(sets.find(({ name }) => name === 'strata')!.setVersion, 2)
})

test('it is frozen over HTTP, too', async () => {
  const response = await fetch(`${report.url}/api/v1/golden`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'by-http', size: 10, candidate: 'subtle' }),
  })
  equal(response.status, 201)
  const { set } = GoldenFrozen.parse(await response.json())
  deepEqual([set.items, set.setVersion, set.frozenBy], [10, 1, 'local'])
  const wrong = await fetch(`${report.url}/api/v1/golden`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'No Good', size: 0 }),
  })
  equal(wrong.status, 400)
  match(await wrong.text(), /name: .*size: /)
})

test('each format is what its tool reads', async () => {
  const of = async (format: string) => (await get(`/api/v1/golden/strata/export?format=${format}`)).text
  const lines = async (format: string) =>
    (await of(format))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, never>)
  const rows = (await lines('jsonl')).map((row) => GoldenRow.parse(row))
  const withAnswer = rows.findIndex(({ groundTruth }) => groundTruth !== null)
  const [row] = rows

  const cells = parse<Record<string, string>>(await of('csv'), { columns: true })
  deepEqual(
    cells.map(({ id }) => id),
    rows.map(({ id }) => id),
  )
  equal(cells[0]!['context'], JSON.stringify(row!.context))

  const [test] = await lines('promptfoo')
  deepEqual(JSON.parse((test as unknown as { vars: { messages: string } }).vars.messages), [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: row!.prompt },
  ])
  const goldens = JSON.parse(await of('deepeval')) as Record<string, unknown>[]
  deepEqual(
    [goldens[0]!['input'], goldens[0]!['actual_output'], goldens[0]!['context']],
    [row!.prompt, row!.servedOutput, row!.context],
  )
  const samples = await lines('ragas')
  deepEqual(samples[0], {
    user_input: `system: Be brief.\n\n${row!.prompt}`,
    response: row!.servedOutput,
    ...(row!.groundTruth === null ? {} : { reference: row!.groundTruth }),
  })
  const evals = await lines('openai-evals')
  deepEqual((evals[0] as unknown as { input: unknown[] }).input.at(-1), { role: 'user', content: row!.prompt })

  if (withAnswer === -1) return
  const truth = rows[withAnswer]!.groundTruth!
  deepEqual((await lines('promptfoo'))[withAnswer]!['assert'], [{ type: 'factuality', value: truth }])
  equal(goldens[withAnswer]!['expected_output'], truth)
  equal((evals[withAnswer] as unknown as { ideal: string }).ideal, truth)
})

test('an unknown format is told with those there are', async () => {
  const { status, text } = await get('/api/v1/golden/strata/export?format=yaml')
  equal(status, 400)
  match(text, /promptfoo/)
})

test('erasing a tenant takes its exchanges out of every set, the set says so, and its address still holds', async () => {
  const set = await freeze('erased', { size: 59, holdoutShare: 0 })
  const { exchangeId } = exchanges[1]!
  const said = {
    armFingerprint: subtle.fingerprint,
    about: 'arm',
    label: 'fine',
    note: 'of acme',
    blind: true,
  } as const
  const label = { exchangeId, arm: 'subtle', capturedAtMs: Date.parse(exchanges[1]!.capturedAt), why: null, ...said }
  await addLabel(store, { ...label, reviewer: 'ana', samplingProbability: 0 }, now)
  // Nothing else is left of them: their own tables have expired.
  await store.command('TRUNCATE TABLE exchanges')
  const erasing = {
    config: {
      tap: { spool: { folder: '/nowhere' } } as Config['tap'],
      log: { embedded: '/nowhere/log.db' },
      retention: config.retention,
    },
    store,
    topics: [],
    claims: null,
    textOf: () => null,
    now: new Date(),
    isMeantSeriously: true,
  }
  const erasure = await eraseEverywhere([{ kind: 'tenant', id: 'acme' }], erasing)

  equal(erasure.isDone, true)
  const line = erasure.lines.find(({ where }) => where === 'table golden_items')!
  ok(line.found! >= 4 && line.erased === line.found && line.left === 0)
  const labels = erasure.lines.find(({ where }) => where === 'table labels')!
  deepEqual([labels.found, labels.erased, labels.left], [1, 1, 0])
  const after = await setOf(store, 'erased')
  deepEqual([after.items, after.erased, after.address], [59, 4, set.address])
  equal(await isIntact(store, after), true)
  const [left] = await store.query<{ n: number }>(
    "SELECT toFloat64(count()) AS n FROM golden_items WHERE tenant_id = 'acme'",
  )
  equal(left!.n, 0)
})
