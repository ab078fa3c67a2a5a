import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { compareFields } from '../../../../services/compare/json/compare-fields.ts'
import { matchObjects } from '../../../../services/compare/json/match-objects.ts'
import { type Json } from '../../../../shared/dialects/dialect.ts'
import { cpuMsOf } from '../builders.ts'

const line = (article: string, quantity: number) => ({
  article,
  quantity,
  price: { net: quantity * 7, currency: 'EUR' },
})
const [bolt, nut, washer, screw] = [line('bolt', 1), line('nut', 2), line('washer', 3), line('screw', 4)]

const found = (served: Json, arm: Json): [path: string | null, kind: string, severity: string][] =>
  compareFields(served, arm)
    .differences()
    .map(({ path, kind, severity }) => [path, kind, severity])

test('an object put in at the front is one difference, whatever else of the array has changed', () => {
  deepEqual(found([bolt, nut, washer], [screw, bolt, nut, washer]), [['/0', 'added', 'harmful']])
  deepEqual(found([bolt, nut, washer], [nut, washer]), [['/0', 'missing', 'harmful']])
  const changed = { ...washer, quantity: 9 }
  deepEqual(found([bolt, nut, washer], [screw, bolt, nut, changed]), [
    ['/2/quantity', 'changed', 'harmful'],
    ['/0', 'added', 'harmful'],
  ])
  // And where one at the end made room for it.
  deepEqual(found([bolt, nut, washer], [{ note: 'new' }, bolt, nut]), [
    ['/2', 'missing', 'harmful'],
    ['/0', 'added', 'harmful'],
  ])
})

test('objects that only changed places differ in nothing else, and only a judge can tell what their order means', () => {
  const { quality, agreement, outcome, paths } = compareFields([bolt, nut, washer, screw], [screw, nut, washer, bolt])
  deepEqual([quality, agreement, outcome, paths()], [1, 1, 'unsure', []])
  const sameOnes = found({ lines: [bolt, nut, washer] }, { lines: [washer, { ...bolt, quantity: 5 }, nut] })
  deepEqual(sameOnes, [
    ['/lines/0/quantity', 'changed', 'harmful'],
    ['/lines', 'order', 'unsure'],
  ])
})

test('objects that changed places are told as such in a longer and in a shorter array, too', () => {
  deepEqual(found([bolt, nut, washer], [washer, bolt]), [
    ['/1', 'missing', 'harmful'],
    ['', 'order', 'unsure'],
  ])
  deepEqual(found([washer, bolt], [bolt, nut, washer]), [
    ['/1', 'added', 'harmful'],
    ['', 'order', 'unsure'],
  ])
})

test('an object that is like the one in its place stands there, and values that are no objects stay where they are', () => {
  deepEqual(found([bolt, nut], [{ ...nut, article: 'bolt' }, nut])[0], ['/0/quantity', 'changed', 'harmful'])
  deepEqual(found(['a', 'b', 'c'], ['c', 'a', 'b']).length, 3)
  deepEqual(found([['a'], ['b']], [['b'], ['a']]).length, 2)
})

test('objects that have nothing in common are compared in their place', () => {
  deepEqual(found([{ a: 1 }, { b: 2 }], [{ c: 1 }, { d: 2 }]).length, 4)
  deepEqual(found([bolt], [{ note: 'sold out' }, { note: 'closed' }])[0], ['/0/article', 'missing', 'harmful'])
})

test('of several ways with as few differences the one is taken that moves the least', () => {
  const twin = { ...bolt }
  deepEqual(matchObjects([bolt, twin], [twin, bolt], [0, 1], [0, 1]).pairs, [
    [0, 0],
    [1, 1],
  ])
  const [left, right] = [
    { ...bolt, quantity: 8 },
    { ...bolt, quantity: 9 },
  ]
  deepEqual(matchObjects([bolt, twin], [left, right], [0, 1], [0, 1]).pairs, [
    [0, 0],
    [1, 1],
  ])
})

test('more objects that differ than can be held against each other are compared in order, and this is said', () => {
  const served = Array.from({ length: 70 }, (_, at) => line(`article ${at}`, at))
  const other = Array.from({ length: 71 }, (_, at) => ({ ...line(`other ${at}`, at), price: null }))
  for (const lines of [other, other.slice(1)]) {
    const { outcome, differences } = compareFields({ lines: served }, { lines })
    const notes = differences().filter(({ kind }) => kind === 'unmatched')
    equal(outcome, 'harmful')
    deepEqual(
      notes.map(({ severity, message }) => [severity, message]),
      [
        [
          'harmless',
          '/lines has too many elements that differ to tell which belong together, and is compared in order',
        ],
      ],
    )
  }
  // Equal ones do not count among them.
  deepEqual(
    found(served, [...served.slice(1), { note: 'new' }]).map(([path]) => path),
    ['/0', '/69'],
  )
  deepEqual(found(served, served.toReversed()), [['', 'order', 'unsure']])
})

test('law: in whatever order objects come, each that is there again is found, and the same the other way round', () => {
  const object = fc.record(
    { a: fc.nat(9), b: fc.nat(9), c: fc.array(fc.nat(2), { maxLength: 2 }) },
    { noNullPrototype: true },
  )
  const shuffled = fc
    .array(object, { minLength: 1, maxLength: 9 })
    .chain((served) => fc.tuple(fc.constant(served), fc.shuffledSubarray(served, { minLength: served.length })))
  fc.assert(
    fc.property(shuffled, ([served, arm]) => {
      const places = [...served.keys()]
      const { pairs } = matchObjects(served, arm, places, places)
      deepEqual(new Set(pairs.map(([from]) => from)).size, served.length)
      for (const [from, to] of pairs) deepEqual(served[from], arm[to])
    }),
  )
  fc.assert(
    fc.property(fc.array(object, { maxLength: 6 }), fc.array(object, { maxLength: 6 }), (served, arm) => {
      const [there, back] = [compareFields(served, arm), compareFields(arm, served)]
      ok(Math.abs(there.agreement - back.agreement) < 1e-12)
      ok(there.agreement <= there.quality && there.quality <= 1)
    }),
    { numRuns: 1000 },
  )
})

test('arrays of hostile size or nesting are compared in bounded time', () => {
  const wide = (seed: number): Json =>
    Array.from({ length: 64 }, (_, at) => ({ rows: Array.from({ length: 1000 }, (_, row) => row * at * seed) }))
  const nested = (depth: number, seed: number): Json =>
    depth === 0 ? seed : [{ inside: nested(depth - 1, seed) }, { [`n${seed}`]: depth }, { [`m${seed}`]: depth }]
  const cpuMs = cpuMsOf(() => {
    equal(compareFields(wide(3), wide(7)).outcome, 'harmful')
    equal(compareFields(nested(100, 1), nested(100, 2)).outcome, 'harmful')
    const many = Array.from({ length: 20_000 }, (_, at) => ({ at, text: `text ${at}` }))
    equal(compareFields(many, many.toReversed().slice(1)).outcome, 'harmful')
  })
  ok(cpuMs < 3000, `${cpuMs} ms`)
})
