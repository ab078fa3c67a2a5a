import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { lettersOf } from '../../../../services/compare/text/letters.ts'

test('letters of ASCII and all others are counted apart', () => {
  deepEqual(lettersOf('Größe 5 @[`{ Ваш 東京 👍'), { ascii: 3, others: 7 })
  deepEqual(lettersOf(''), { ascii: 0, others: 0 })
})

test('law: together they are all letters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const { ascii, others } = lettersOf(text)
      deepEqual([ascii, ascii + others], [text.match(/[a-z]/gi)?.length ?? 0, text.match(/\p{L}/gu)?.length ?? 0])
    }),
  )
})
