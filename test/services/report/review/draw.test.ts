import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { fractionOf, fractionSql, placeOfServed } from '../../../../services/report/review/draw.ts'
import { uuidv7 } from '../../../../shared/ids.ts'
import { migratedStore } from '../../../support/migrated-store.ts'

const store = await migratedStore()

test('the engine draws what this program draws', async () => {
  const ids = Array.from({ length: 500 }, () => uuidv7())
  const rows = await store.query<{ id: string; fraction: number }>(
    `SELECT toString(id) AS id, ${fractionSql('id')} AS fraction FROM (SELECT arrayJoin({ids:Array(UUID)}) AS id)`,
    { ids },
  )
  deepEqual(
    rows.map(({ id, fraction }) => [id, fraction]),
    rows.map(({ id }) => [id, fractionOf(id)]),
  )
  equal(rows.length, 500)
})

test('a share is as large as it says, grows with what it was, and is the same for an id however it is written', () => {
  const fractions = Array.from({ length: 20_000 }, (_, number) => fractionOf(`00000000-0000-7000-8000-${number}`))
  const share = (of: number) => fractions.filter((fraction) => fraction < of).length / fractions.length
  // Five standard errors.
  ok(Math.abs(share(0.02) - 0.02) < 5 * Math.sqrt((0.02 * 0.98) / 20_000))
  ok(Math.abs(share(0.5) - 0.5) < 5 * Math.sqrt(0.25 / 20_000))
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      equal(fractionOf(id.toUpperCase()), fractionOf(id))
      ok(fractionOf(id) >= 0 && fractionOf(id) < 1)
    }),
  )
})

test('the served answer is in either place equally often, and does not move', () => {
  const places = Array.from({ length: 4_000 }, (_, number) => placeOfServed(`exchange-${number}`, 'sonnet'))
  const first = places.filter((place) => place === 1).length / places.length
  ok(Math.abs(first - 0.5) < 5 * Math.sqrt(0.25 / 4_000), `first in ${first}`)
  fc.assert(fc.property(fc.uuid(), fc.string(), (id, arm) => equal(placeOfServed(id, arm), placeOfServed(id, arm))))
})
