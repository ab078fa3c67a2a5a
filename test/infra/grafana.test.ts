import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { rowsOf } from '../../services/record/rows.ts'
import { silentLogger as logger } from '../../shared/logger.ts'
import { openEmbedded } from '../../shared/store/embedded.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { serveStore } from '../../shared/store/read-only-http.ts'
import { type Store } from '../../shared/store/store.ts'
import { aComparison, anExchange, anObservation } from '../services/record/samples.ts'

type Target = { rawSql: string; queryType: 'table' | 'timeseries' }
type Panel = {
  id: number
  type: string
  title: string
  targets?: Target[]
  gridPos: Record<'x' | 'y' | 'w' | 'h', number>
}
type Dashboard = { panels: Panel[]; templating: { list: { name: string; query: string }[] } }

const dashboard = JSON.parse(
  readFileSync(new URL('../../infra/grafana/understudy.json', import.meta.url), 'utf8'),
) as Dashboard
const asked = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })))

/** As Grafana fills in its variables. */
const filled = (sql: string) =>
  sql
    .replaceAll('${candidate:sqlstring}', "'sonnet'")
    .replaceAll('${__from:date:iso}', '2026-11-19T00:00:00.000Z')
    .replaceAll('${__to}', String(Date.parse('2026-11-22')))

const folder = mkdtempSync(join(tmpdir(), 'understudy-grafana-'))
let store: Store
let served: Awaited<ReturnType<typeof serveStore>>

before(async () => {
  store = await openEmbedded(folder, 'embedded')
  await migrate(store)
  const different = aComparison('a', 'sonnet', {
    outcome: 'different',
    scores: { json_fields: 0.5 },
    controlFound: { ...aComparison().controlFound!, scores: { json_fields: 1 } },
  })
  await store.insert('comparisons', rowsOf.comparisons(different).comparisons)
  await store.insert('exchanges', rowsOf.exchanges(anExchange()).exchanges)
  const set = { version: 1 as const, exchange: anExchange(), servedCostUsd: null, observations: [anObservation()] }
  await store.insert('observations', rowsOf.observations(set).observations)
  served = await serveStore(store, { listen: '127.0.0.1:0', logger })
})

after(async () => {
  await served.stop()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What the data source's plugin sends: the query as the body, gzip, Native or JSON as the format of the answer. */
async function ask(sql: string): Promise<Record<string, unknown>[]> {
  const settings = new URLSearchParams({
    default_format: 'JSON',
    enable_http_compression: '1',
    client_protocol_version: '54483',
    database: 'default',
    wait_end_of_query: '1',
  })
  const response = await fetch(`${served.url}/?${settings.toString()}`, { method: 'POST', body: sql })
  const text = await response.text()
  assert.equal(response.status, 200, `${sql}\n${text}`)
  return (JSON.parse(text) as { data: Record<string, unknown>[] }).data
}

for (const { title, rawSql, queryType } of asked) {
  test(`the panel “${title}” gets rows from a store that holds an exchange, its observation and its comparison`, async () => {
    assert.doesNotMatch(filled(rawSql), /\$\{|\$__/, 'a variable that nothing fills in')
    const rows = await ask(filled(rawSql))
    assert.ok(rows.length > 0)
    if (queryType === 'timeseries') assert.ok('time' in rows[0]!)
  })
}

test('the variable of the dashboard lists the candidates', async () => {
  const candidate = dashboard.templating.list.find(({ name }) => name === 'candidate')!
  assert.deepEqual(
    (await ask(candidate.query)).map((row) => Object.values(row)[0]),
    ['sonnet'],
  )
})

test('panels have ids of their own and do not lie over each other', () => {
  const { panels } = dashboard
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  for (const [at, { title, gridPos: one }] of panels.entries()) {
    assert.ok(one.x + one.w <= 24, title)
    for (const { title: other, gridPos: two } of panels.slice(at + 1)) {
      const isApart =
        one.x + one.w <= two.x || two.x + two.w <= one.x || one.y + one.h <= two.y || two.y + two.h <= one.y
      assert.ok(isApart, `${title} and ${other}`)
    }
  }
})
