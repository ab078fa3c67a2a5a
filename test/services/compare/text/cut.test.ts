import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { cut } from '../../../../services/compare/text/cut.ts'

test('a short text is kept whole, half characters replaced', () => {
  equal(cut('as it is', 8), 'as it is')
  equal(cut('a\udc00b', 8), 'a\ufffdb')
})

test('a cut text is no longer than asked, well formed, and shows that it was cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 20 }), fc.integer({ min: 2, max: 19 }), (text, maxChars) => {
      const short = cut(text, maxChars)
      ok(short.length <= maxChars && short.isWellFormed() && short.endsWith('…'))
    }),
  )
})

test('a pair of surrogates at the edge is dropped, not split', () => {
  equal(cut('ab😀cd', 4), 'ab…')
  equal(cut('ab😀cd', 5), 'ab😀…')
})
