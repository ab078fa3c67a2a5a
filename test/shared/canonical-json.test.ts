import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { assert, jsonValue, property } from 'fast-check'
import { canonicalJson } from '../../shared/canonical-json.ts'

test('the example of RFC 8785 has its canonical text', () => {
  // Section 3.2.2 and 3.2.3: numbers as ECMAScript writes them, names by UTF-16 code units.
  const value: unknown = JSON.parse(
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
  )

  equal(
    canonicalJson(value),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('the order of members does not matter, and nothing is lost', () => {
  assert(
    property(jsonValue(), (value) => {
      const text = canonicalJson(value)
      const turned = JSON.parse(text, (_, member: unknown) =>
        typeof member === 'object' && member !== null && !Array.isArray(member)
          ? Object.fromEntries(Object.entries(member).toReversed())
          : member,
      ) as unknown
      equal(canonicalJson(turned), text)
      deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('what is undefined is left out', () => {
  equal(canonicalJson({ b: undefined, a: [1, { c: undefined }] }), '{"a":[1,{}]}')
})
