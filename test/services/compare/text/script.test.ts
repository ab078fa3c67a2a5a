import { equal } from 'node:assert/strict'
import { test } from 'node:test'
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
