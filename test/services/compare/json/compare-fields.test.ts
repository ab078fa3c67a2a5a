import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { compareFields } from '../../../../services/compare/json/compare-fields.ts'
import { readJsonText } from '../../../../services/compare/json/read.ts'
import { cpuMsOf } from '../builders.ts'
import { type Json } from '../../../../shared/dialects/dialect.ts'

const paths = (served: Json, arm: Json): string[] =>
  compareFields(served, arm)
    .differences()
    .map(({ message }) => message)

test('agreement is counted in fields, and each difference has its path and both values', () => {
  const { quality, agreement, differences } = compareFields(
    { vendor: 'ACME', total: 49, lines: [{ id: 1 }, { id: 2 }], note: null },
    { vendor: 'ACME', total: 94, lines: [{ id: 1 }, { id: 2 }] },
  )
  deepEqual([quality, agreement], [3 / 5, 3 / 5])
  const harmful = { rung: 'json', severity: 'harmful' }
  deepEqual(differences(), [
    { ...harmful, kind: 'changed', path: '/total', message: '/total changed', served: '49', arm: '94' },
    { ...harmful, kind: 'missing', path: '/note', message: '/note missing', served: 'null', arm: null },
  ])
})

test('numbers agree within rounding, and only as numbers', () => {
  equal(compareFields({ a: 0.1 + 0.2, b: 1 }, { a: 0.3, b: 1.0 }).quality, 1)
  equal(compareFields({ a: 1 }, { a: 1.0001 }).quality, 0)
  equal(compareFields({ a: 1 }, { a: '1' }).quality, 0)
  equal(compareFields([0], [1e-12]).quality, 0)
})

const read = (text: string): Json => readJsonText(text)!.value

test('neighbouring ids beyond 2^53 are not the same', () => {
  equal(compareFields(read('{"id":9007199254740993}'), read('{"id":9007199254740992}')).quality, 0)
  equal(compareFields(read('{"id":9007199254740993}'), read('{"id": 9007199254740993}')).quality, 1)
})

test('strings agree in composed form and spacing; prose agrees if nothing checkable differs', () => {
  equal(compareFields(['Größe  M\n'], ['Gro\u0308ße M']).quality, 1)
  equal(compareFields(['ACME Ltd'], ['Acme Ltd']).quality, 0)
  const [served, arm] = [
    'The parcel left our warehouse on March 3 by DHL.',
    'On March 3 the parcel was handed over to DHL.',
  ]
  equal(compareFields({ summary: served }, { summary: arm }).quality, 1)
  equal(compareFields({ summary: served }, { summary: arm.replace('3', '4') }).quality, 0)
})

test('a member only the arm has lowers agreement, not quality; an added element lowers both', () => {
  const member = compareFields({ a: 1 }, { a: 1, b: 2 })
  const element = compareFields({ a: [1] }, { a: [1, 2] })

  deepEqual([member.quality, member.agreement, member.differences()[0]?.message], [1, 1 / 2, '/b only in the arm'])
  deepEqual(
    [element.quality, element.agreement, element.differences()[0]?.message],
    [1 / 2, 1 / 2, '/a/1 only in the arm'],
  )
})

test('an empty container that was filled agrees no more, an object only for divergence', () => {
  deepEqual(
    [compareFields({ a: [] }, { a: [1, 2] }).quality, compareFields({ a: [] }, { a: [1, 2] }).agreement],
    [0, 0],
  )
  deepEqual(
    [compareFields({ a: {} }, { a: { b: 1 } }).quality, compareFields({ a: {} }, { a: { b: 1 } }).agreement],
    [1, 0],
  )
})

test('an element left out or put in front does not make all the others differ', () => {
  deepEqual(paths([1, 2, 3, 4], [2, 3, 4]), ['/0 missing'])
  deepEqual(paths([1, 2, 3, 4], [1, 2, 4]), ['/2 missing'])
  deepEqual(paths([2, 3, 4], [1, 2, 3, 4]), ['/0 only in the arm'])
  equal(compareFields([1, 2, 3, 4], [2, 3, 4]).quality, 3 / 4)
  equal(compareFields([2, 3, 4], [1, 2, 3, 4]).quality, 3 / 4)
  equal(compareFields([1, 2], [2, 1]).quality, 0)
})

test('objects with a name of their own are matched by it, in any order and wherever one is missing', () => {
  const [a, b, c] = [
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
    { id: 'c', n: 3 },
  ]
  const moved = compareFields([a, b, c], [c, a, b])
  deepEqual(
    [moved.quality, moved.differences().map(({ kind, severity }) => [kind, severity])],
    [1, [['order', 'harmless']]],
  )
  deepEqual(paths([a, b, c], [c, b]), ['/0 missing', 'the document has the same elements in another order'])
  deepEqual(paths([a, b], [{ ...b, n: 9 }, a])[0], '/1/n changed')
})

test('names that repeat, or that only some have, name nothing', () => {
  const [a, b] = [
    { id: 1, n: 1 },
    { id: 1, n: 2 },
  ]
  equal(compareFields([a, b], [b, a]).quality, 2 / 4)
  equal(compareFields([a, { n: 2 }], [{ n: 2 }, a]).outcome, 'unsure')
})

test('documents of another kind have nothing in common', () => {
  for (const [served, arm] of [
    [{}, []],
    [[], {}],
    [1, { a: 1 }],
    [{ a: 1 }, null],
    [null, 0],
    ['', false],
  ] as Array<[Json, Json]>) {
    deepEqual([compareFields(served, arm).quality, compareFields(served, arm).agreement], [0, 0])
  }
})

test('names that objects inherit are fields like any other', () => {
  const hostile = JSON.parse('{"__proto__":{"polluted":1},"constructor":1,"toString":2,"a/b~c":3,"":4}') as Json
  deepEqual(paths(hostile, {}).toSorted(), [
    '/ missing',
    '/__proto__ missing',
    '/a~1b~0c missing',
    '/constructor missing',
    '/toString missing',
  ])
  deepEqual(paths({}, hostile).length, 5)
  equal(compareFields(hostile, structuredClone(hostile)).quality, 1)
  equal(({} as Record<string, unknown>)['polluted'], undefined)
})

test('law: a document agrees with itself, agreement is symmetric, both measures stay in [0, 1]', () => {
  const json = fc.jsonValue() as fc.Arbitrary<Json>
  fc.assert(
    fc.property(json, json, (left, right) => {
      const { quality, agreement, outcome } = compareFields(left, structuredClone(left))
      deepEqual({ quality, agreement, outcome }, { quality: 1, agreement: 1, outcome: 'same' })
      const [there, back] = [compareFields(left, right), compareFields(right, left)]
      ok(Math.abs(there.agreement - back.agreement) < 1e-12)
      ok(there.quality >= 0 && there.quality <= 1 && there.agreement >= 0 && there.agreement <= there.quality)
      ok(back.agreement >= 0 && back.agreement <= 1)
    }),
  )
})

/** What becomes of a field, or of the fields inside, on the way from the served document to the arm's. */
type Fate = 'same' | 'changed' | 'missing' | 'added' | { [name: string]: Fate } | [Fate]

const memberName = fc.constantFrom('id', 'a', 'b/c', '0', '1', '__proto__', 'toString', 'constructor', 'hasOwnProperty')
const { object } = fc.letrec<{ fate: Fate; object: Exclude<Fate, string>; list: [Fate] }>((tie) => ({
  fate: fc.oneof({ maxDepth: 5 }, fc.constantFrom('same', 'changed', 'missing', 'added'), tie('object'), tie('list')),
  // One field that stays, so that neither document has an empty container here.
  object: fc
    .array(fc.tuple(memberName, tie('fate')))
    .map((members) => Object.fromEntries([...members, ['kept', 'same'] as const])),
  // Which elements belong together is another question.
  list: fc.oneof(tie('object'), tie('list'), fc.constantFrom('same', 'changed')).map((only) => [withoutId(only)]),
}))

const withoutId = (fate: Fate): Fate => {
  if (typeof fate === 'object' && 'id' in fate) delete fate['id']
  return fate
}

const textOf = (fate: Fate, isArm: boolean): string | null => {
  if (Array.isArray(fate)) return `[${fate.map((each) => textOf(each, isArm)).join(',')}]`
  if (typeof fate === 'object') {
    const members = Object.entries(fate).map(([name, inside]) => [JSON.stringify(name), textOf(inside, isArm)] as const)
    return `{${members.flatMap(([name, text]) => (text === null ? [] : [`${name}:${text}`])).join(',')}}`
  }
  if (fate === (isArm ? 'missing' : 'added')) return null
  return fate === 'changed' && isArm ? '2' : '1'
}

const fatesIn = (fate: Fate): string[] => (typeof fate === 'object' ? Object.values(fate).flatMap(fatesIn) : [fate])

test('law: fields are counted one by one, whatever they are called and wherever they stand', () => {
  fc.assert(
    fc.property(object, (fate) => {
      const { quality, agreement } = compareFields(read(textOf(fate, false)!), read(textOf(fate, true)!))
      const all = fatesIn(fate)
      const count = (wanted: string): number => all.filter((each) => each === wanted).length
      equal(quality, count('same') / (all.length - count('added')))
      equal(agreement, count('same') / all.length)
    }),
    { numRuns: 500 },
  )
})

test('objects with numbered and with very many members are compared as any other', () => {
  const many = (changed: string): Json =>
    JSON.parse(`{${Array.from({ length: 100 }, (_, at) => `"m${at}":"${at === 7 ? changed : at}"`).join(',')}}`) as Json
  deepEqual(paths(many('7'), many('x')), ['/m7 changed'])
  equal(compareFields(many('7'), many('x')).quality, 99 / 100)
  deepEqual(paths({ 1: 'a', 2: 'b', c: 'd' }, { 2: 'x', c: 'd', 3: 'e' }), [
    '/1 missing',
    '/2 changed',
    '/3 only in the arm',
  ])
})

test('JSON text is strict, fenced, or none', () => {
  equal(readJsonText(' {"a":1} ')?.form, 'strict')
  equal(readJsonText('```json\n{"a":1}\n```')?.form, 'fenced')
  equal(readJsonText('```\n[1]\n```\n')?.form, 'fenced')
  for (const none of ['', '```', '``````', '```json {"a":1}```', 'Here: {"a":1}', '{"a":01}', "{'a':1}", '{"a":1},']) {
    equal(readJsonText(none), null, none)
  }
})

const wide = (value: number): Json => Array.from({ length: 200_000 }, () => value)

test('wide documents are compared in bounded time', () => {
  const cpuMs = cpuMsOf(() => equal(compareFields(wide(1), wide(2)).quality, 0))
  ok(cpuMs < 3000, `${cpuMs} ms`)
})
