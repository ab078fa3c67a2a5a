import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Drawable, holdoutOf, orderOf, orderSql, shareOut } from '../../../../services/report/golden/draw.ts'
import { uuidv7 } from '../../../../shared/ids.ts'
import { migratedStore } from '../../../support/migrated-store.ts'

const strata = fc.uniqueArray(fc.record({ stratum: fc.string(), exchanges: fc.integer({ min: 0, max: 500 }) }), {
  selector: ({ stratum }) => stratum,
  maxLength: 12,
})
const size = fc.integer({ min: 1, max: 400 })
const sumOf = (share: ReadonlyMap<string, number>) => [...share.values()].reduce((sum, each) => sum + each, 0)

test('a set is as large as was asked for, or as there is; no stratum gives more than it has', () => {
  fc.assert(
    fc.property(strata, size, (of, wanted) => {
      const share = shareOut(of, wanted)
      const all = of.reduce((sum, { exchanges }) => sum + exchanges, 0)
      equal(sumOf(share), Math.min(wanted, all))
      for (const { stratum, exchanges } of of) ok((share.get(stratum) ?? 0) <= exchanges)
    }),
  )
})

test('every kind of traffic is in it while there is room, and each about in proportion', () => {
  fc.assert(
    fc.property(strata, size, (of, wanted) => {
      const share = shareOut(of, wanted)
      const present = of.filter(({ exchanges }) => exchanges > 0)
      const all = present.reduce((sum, { exchanges }) => sum + exchanges, 0)
      if (wanted >= present.length) for (const { stratum } of present) ok(share.get(stratum)! >= 1)
      // Whoever has one for being rare takes it from the others.
      for (const { stratum, exchanges } of present)
        ok((share.get(stratum) ?? 0) <= Math.max(1, (Math.min(wanted, all) * exchanges) / all + 1))
    }),
  )
})

test('the order in which strata come does not matter', () => {
  fc.assert(
    fc.property(strata, size, (of, wanted) => deepEqual(shareOut(of.toReversed(), wanted), shareOut(of, wanted))),
  )
})

const drawn = fc.uniqueArray(
  fc.record({
    exchangeId: fc.uuid(),
    conversationId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    stratum: fc.constant('x'),
    order: fc.constant(''),
  }),
  { selector: ({ exchangeId }) => exchangeId, maxLength: 30 },
)

test('what is kept back are whole conversations, never more than asked for, and the same for a seed', () => {
  fc.assert(
    fc.property(drawn, fc.nat(30), fc.nat(1_000), (of: Drawable[], count, seed) => {
      const kept = holdoutOf(of, count, seed)
      ok(kept.size <= count)
      for (const members of Map.groupBy(of, ({ conversationId }) => conversationId).values()) {
        equal(new Set(members.map(({ exchangeId }) => kept.has(exchangeId))).size, 1)
      }
      deepEqual(holdoutOf(of.toReversed(), count, seed), kept)
    }),
  )
})

test('the engine orders as this program does, and another seed otherwise', async () => {
  const store = await migratedStore()
  const ids = Array.from({ length: 100 }, () => uuidv7())
  const rows = await store.query<{ id: string; order: string }>(
    `SELECT toString(id) AS id, ${orderSql('id')} AS order FROM (SELECT arrayJoin({ids:Array(UUID)}) AS id)`,
    { ids, seed: 7 },
  )
  for (const { id, order } of rows) equal(order, orderOf(7, id))
  const by = (seed: number) => ids.toSorted((a, b) => (orderOf(seed, a) < orderOf(seed, b) ? -1 : 1))
  notDeepEqual(by(7), by(8))
})
