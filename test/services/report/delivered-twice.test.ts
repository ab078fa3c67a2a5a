import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { migratedStore } from '../../support/migrated-store.ts'
import { exchangeId, seedComparisons, seedExchange, startDashboard } from './web/stage.ts'

const store = await migratedStore()

async function seed(): Promise<void> {
  await seedComparisons(store, 0, 60)
  await seedExchange(store, 0)
}

/** What depends on the moment of asking. */
const ofTheMoment = new Set(['asOf', 'at', 'until', 'digest', 'next', 'comparedAt', 'csrfToken'])

/** Every question about counts and pairs, to a report that remembers nothing. */
async function answers(): Promise<Record<string, unknown>> {
  const report = await startDashboard(store)
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const init = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await fetch(`${report.url}${path}`, init)
    equal(response.ok, true, `${path}: ${await response.clone().text()}`)
    const text = await response.text()
    return JSON.parse(text, (name, value: unknown) => (ofTheMoment.has(name) ? undefined : value))
  }
  try {
    return {
      verdict: await ask('/api/v1/candidates/small/verdict'),
      series: await ask('/api/v1/candidates/small/series'),
      distributions: await ask('/api/v1/candidates/small/distributions'),
      pairs: await ask('/api/v1/comparisons?candidate=small&sort=worst&limit=200'),
      exchange: await ask(`/api/v1/exchanges/${exchangeId(0)}?candidate=small`),
      queue: await ask('/api/v1/review/queue?candidate=small&limit=100'),
      agreement: await ask('/api/v1/reviews/agreement?candidate=small'),
      waiver: await ask('/api/v1/waivers/preview', {
        candidate: 'small',
        rule: { rung: 'json', path: '/total' },
      }),
    }
  } finally {
    await report.stop()
  }
}

test('a block that is stored twice counts once, in every answer of the report', async () => {
  // As where the answer to an insert got lost: until parts merge, each row lies there twice.
  await store.command('SYSTEM STOP MERGES')
  await seed()
  const report = await startDashboard(store)
  const label = { exchangeId: exchangeId(5), arm: 'small', label: 'not_fine', blind: false }
  const headers = { 'content-type': 'application/json' }
  const labelled = await fetch(`${report.url}/api/v1/reviews`, { method: 'POST', headers, body: JSON.stringify(label) })
  equal(labelled.status, 201, await labelled.text())
  await report.stop()
  const once = await answers()

  await seed()
  await store.command('INSERT INTO labels SELECT * FROM labels')
  const [lies] = await store.query<{ rows: number; ids: number }>(
    'SELECT toFloat64(count()) AS rows, toFloat64(uniqExact(comparison_id)) AS ids FROM comparisons',
  )
  ok(lies!.rows > lies!.ids, `${lies!.rows} rows of ${lies!.ids} ids`)

  deepEqual(await answers(), once)
})
