import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { scriptOf } from '../../../../services/compare/text/script.ts'

test('the script of most letters is the text’s', () => {
  equal(scriptOf('Your order has shipped'), 'Latin')
  equal(scriptOf('Ваш заказ DHL отправлен'), 'Cyrillic')
  equal(scriptOf('ご注文は発送されました'), 'Chinese or Japanese')
})

test('too few letters, or none, show no script', () => {
  equal(scriptOf('12 + 30'), null)
  equal(scriptOf('OK'), null)
  equal(scriptOf(''), null)
})

test('law: it is the script of which a regular expression finds as many characters as more than half of all letters', () => {
  const patterns: Record<string, RegExp> = {
    Latin: /\p{Script=Latin}/gu,
    Cyrillic: /\p{Script=Cyrillic}/gu,
    Greek: /\p{Script=Greek}/gu,
    Devanagari: /\p{Script=Devanagari}/gu,
    Thai: /\p{Script=Thai}/gu,
    Korean: /\p{Script=Hangul}/gu,
    'Chinese or Japanese': /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu,
  }
  const part = fc.constantFrom(
    'Order ',
    'Größe',
    'ＡＢ',
    'Ваш ',
    'Γεια',
    'नमस्ते',
    'สวัสดี',
    '안녕 ',
    '返金',
    'ください',
    '𠀀',
    '👍',
    '\ud800',
    '7',
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const text = parts.join('')
      const letters = text.match(/\p{L}/gu)?.length ?? 0
      const most = Object.keys(patterns).find((name) => 2 * (text.match(patterns[name]!)?.length ?? 0) > letters)
      equal(scriptOf(text), letters < 6 ? null : (most ?? null))
    }),
    { numRuns: 2_000 },
  )
})
