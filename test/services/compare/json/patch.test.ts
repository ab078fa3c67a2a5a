import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { assert, jsonValue, pre, property } from 'fast-check'
import jsonPatch from 'fast-json-patch'
import { patchBetween } from '../../../../services/compare/json/patch.ts'
import { type Json } from '../../../../shared/dialects/dialect.ts'

test('the patch makes the candidate’s document of the served one', () => {
  assert(
    property(jsonValue({ maxDepth: 4 }), jsonValue({ maxDepth: 4 }), (left, right) => {
      // What no patch may touch: it would change every object.
      pre(!JSON.stringify([left, right]).includes('__proto__'))
      const [served, candidate] = JSON.parse(JSON.stringify([left, right])) as [Json, Json]
      const patch = patchBetween(served, candidate)!
      deepEqual(jsonPatch.applyPatch(structuredClone(served), patch).newDocument, candidate)
    }),
  )
})

test('one changed amount is one operation with its path, equal documents are none, and a flood is not told', () => {
  deepEqual(patchBetween({ total: 1, lines: [{ net: 5 }] }, { total: 1, lines: [{ net: 6 }] }), [
    { op: 'replace', path: '/lines/0/net', value: 6 },
  ])
  deepEqual(patchBetween([1, { a: null }], [1, { a: null }]), [])
  deepEqual(patchBetween('a', { b: 1 }), [{ op: 'replace', path: '', value: { b: 1 } }])
  const many = Array.from({ length: 1_001 }, (_, i) => i)
  equal(
    patchBetween(
      many,
      many.map((n) => n + 1),
    ),
    null,
  )
})
