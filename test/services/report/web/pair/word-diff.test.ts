import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { wordDiff } from '../../../../../services/report/web/src/pair/word-diff.ts'

test('both texts come back whole from the pieces, whatever is in them', () => {
  const text = fc.oneof(fc.lorem({ maxCount: 20 }), fc.string({ unit: 'grapheme', maxLength: 60 }))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const pieces = wordDiff(before, after)
      if (pieces === null) return
      const without = (kind: string) => pieces.filter((piece) => piece.kind !== kind).map(({ text }) => text)
      equal(without('added').join(''), before)
      equal(without('removed').join(''), after)
    }),
  )
})

test('one changed word is marked, and no more', () => {
  deepEqual(
    wordDiff('It costs 5 euros today.', 'It costs 6 euros today.')!.filter(({ kind }) => kind !== 'same'),
    [
      { text: '5', kind: 'removed' },
      { text: '6', kind: 'added' },
    ],
  )
})

test('words of a script without spaces are told apart', () => {
  const changed = wordDiff('配送には三日かかります。', '配送には五日かかります。')!.filter(
    ({ kind }) => kind !== 'same',
  )
  ok(changed.length > 0 && changed.every(({ text }) => text.length <= 3), JSON.stringify(changed))
})

test('what is too long to be marked is not marked', () => {
  equal(wordDiff('a '.repeat(30_000), 'b '.repeat(30_000)), null)
})
