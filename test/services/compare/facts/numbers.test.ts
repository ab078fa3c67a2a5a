import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readNumber, scaled } from '../../../../services/compare/facts/numbers.ts'

test('law: a number in a unit of factor 1 is written as the double that it is, to 12 digits', () => {
  const digits = fc.stringMatching(/^\d{1,9}(?:[.,]\d{1,9})?$/)
  fc.assert(
    fc.property(digits, fc.constantFrom('', '-'), (text, sign) => {
      for (const value of readNumber(text))
        equal(scaled(`${sign}${value}`, 1), String(Number(Number(`${sign}${value}`).toPrecision(12))))
    }),
    { numRuns: 2_000 },
  )
})

test('a product is rounded to 12 digits', () => {
  equal(scaled('1.1', 60), '66')
  equal(scaled('0.1', 0.001), '0.0001')
})
