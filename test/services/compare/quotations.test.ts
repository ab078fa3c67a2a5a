import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decide } from '../../../services/compare/ladder.ts'
import { quotationDifferences } from '../../../services/compare/quotations.ts'
import { aPair } from './builders.ts'

const decided = (served: string, arm: string, veto: 'text' | 'none' = 'text') => {
  const { outcome, quality, differences } = decide(aPair(served, arm, 'text', null, veto))
  return { outcome, quality, kinds: differences.map(({ kind }) => kind) }
}

test('a quotation that became another is a fact contradicted, in any language and marks', () => {
  for (const [served, arm] of [
    ['Open the settings and press “Forgot password” there.', 'Open the settings and press “Delete account” there.'],
    [
      'Öffnen Sie die Einstellungen und klicken Sie auf „Passwort vergessen“.',
      'Öffnen Sie die Einstellungen und klicken Sie auf „Konto löschen“.',
    ],
    [
      'Ouvrez les réglages et cliquez sur « Mot de passe oublié ».',
      'Ouvrez les réglages et cliquez sur « Supprimer le compte ».',
    ],
    ['設定を開いて「パスワード再発行」を押してください。', '設定を開いて「アカウント削除」を押してください。'],
  ] as const) {
    const told = decided(served, arm)
    deepEqual([told.outcome, told.quality], ['harmful', 0], served)
    ok(told.kinds.includes('quotation'), served)
  }
})

test('the same words in other marks, or in none, are the same', () => {
  const served = 'Open the settings and press “Forgot password” there.'
  equal(decided(served, 'Open the settings and press "forgot password" there.').quality, 1)
  equal(decided(served, 'Open the settings and press Forgot password there.').quality, 1)
  deepEqual(quotationDifferences(served, 'Press **Forgot password** in the settings.'), [])
})

test('a quotation that is only left out is for a judge', () => {
  const [{ kind, severity } = { kind: '', severity: '' }] = quotationDifferences(
    'The sign says “Closed on Sundays”.',
    'The sign says when it is closed.',
  )
  deepEqual([kind, severity], ['quotation', 'unsure'])
})

test('where facts are not to veto, an altered quotation is one thing lost', () => {
  const told = decided('Then press “Forgot password” there.', 'Then press “Delete account” there.', 'none')
  deepEqual([told.outcome, told.quality], ['harmful', 0.5])
})

test('laws: a text has no quotation that it lacks itself, and both ways round tell alike', () => {
  const texts = fc.string({ unit: fc.constantFrom('“', '”', '"', 'a', 'b', ' ', '«', '»', '„', '\n'), maxLength: 60 })
  fc.assert(fc.property(texts, (text) => deepEqual(quotationDifferences(text, text), [])))
  fc.assert(
    fc.property(texts, texts, (left, right) =>
      equal(quotationDifferences(left, right).length, quotationDifferences(right, left).length),
    ),
  )
})

test('a megabyte of marks has no quotation', () => {
  deepEqual(quotationDifferences('“'.repeat(1_000_000), '«'.repeat(1_000_000)), [])
})
