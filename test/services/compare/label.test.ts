import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { labelAndRest, labelOf } from '../../../services/compare/label.ts'

test('what models put around a label is no part of it', () => {
  for (const text of ['Billing', ' billing. ', '**Billing**', '"billing"', '`billing`']) equal(labelOf(text), 'billing')
  equal(labelOf('-1'), '-1')
  equal(labelOf('.'), '.')
})

test('a first line before a reason is the label', () => {
  deepEqual(labelAndRest('billing\n\nThe customer was charged twice in May.'), {
    label: 'billing',
    rest: 'The customer was charged twice in May.',
  })
  equal(labelOf('**Billing**\nDie Kundin wurde im Mai doppelt belastet.'), 'billing')
})

test('several labels, one a line, are all of them the answer', () => {
  equal(labelOf('billing\nshipping'), 'billing shipping')
  deepEqual(labelAndRest('billing\nshipping').rest, '')
})
