import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { added } from '../../../../services/report/days/added.ts'

test('numbers of one key are added, lists place by place, and null is nothing to add', () => {
  const rows = [
    { route: 'a', count: 1, bins: [1, 2], share: null, firstMs: 5, worst: [0.5, 'x'] as [number, string] },
    { route: 'b', count: 7, bins: [], share: 2, firstMs: null, worst: [0.1, 'y'] as [number, string] },
    { route: 'a', count: 2, bins: [1, 0, 4], share: 3, firstMs: 2, worst: [0.5, 'w'] as [number, string] },
  ]
  deepEqual(
    added<Omit<(typeof rows)[number], 'firstMs'> & { firstMs: number | null }>(rows, {
      keys: ['route'],
      least: ['firstMs', 'worst'],
    }),
    [
      { route: 'a', count: 3, bins: [2, 2, 4], share: 3, firstMs: 2, worst: [0.5, 'w'] },
      { route: 'b', count: 7, bins: [], share: 2, firstMs: null, worst: [0.1, 'y'] },
    ],
  )
  deepEqual(added([{ last: 1 }, { last: 3 }, { last: 2 }], { keys: [], most: ['last'] }), [{ last: 3 }])
  deepEqual(added([], { keys: [] }), [])
})

test('what parts come to is what all of it comes to, and no row that was given is changed', () => {
  const row = fc.record(
    { key: fc.constantFrom('a', 'b'), count: fc.nat(1_000), least: fc.nat(1_000) },
    { noNullPrototype: true },
  )
  const rules = { keys: ['key'], least: ['least'] } as const
  fc.assert(
    fc.property(fc.array(row), fc.nat(), (rows, cut) => {
      const before = structuredClone(rows)
      const at = rows.length === 0 ? 0 : cut % rows.length
      const parts = [...added(rows.slice(0, at), rules), ...added(rows.slice(at), rules)]
      deepEqual(added(parts, rules), added(rows, rules))
      deepEqual(rows, before)
    }),
  )
})
