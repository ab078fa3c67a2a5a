import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { languageOf } from '../../../services/compare/language.ts'

for (const [language, text] of [
  ['en', 'Where is my order? It has not arrived yet.'],
  ['de', 'Wo ist meine Bestellung? Sie ist noch nicht da.'],
  ['fr', 'Où est ma commande ? Elle n’est pas encore arrivée.'],
  ['es', '¿Dónde está mi pedido? Aún no ha llegado a la tienda.'],
  ['pt', 'Onde está o meu pedido? Ainda não chegou.'],
  ['it', 'Dov’è il mio ordine? Non è ancora arrivato.'],
  ['nl', 'Waar is mijn bestelling? Het is nog niet aangekomen.'],
  ['pl', 'Gdzie jest moje zamówienie? Jeszcze nie dotarło.'],
  ['sv', 'Var är min beställning? Den har inte kommit.'],
  ['tr', 'Siparişim nerede? Bu çok uzun sürdü ve ben bekliyorum.'],
  ['ja', '注文はどこですか'],
  ['zh', '我的订单在哪里?'],
  ['ko', '내 주문은 어디에 있나요?'],
  ['ru', 'Где мой заказ?'],
  ['uk', 'Де моє замовлення? Воно ще не прийшло їм.'],
  ['ar', 'أين طلبي؟'],
  ['hi', 'मेरा ऑर्डर कहाँ है?'],
  ['el', 'Πού είναι η παραγγελία μου;'],
  ['he', 'איפה ההזמנה שלי?'],
  ['th', 'คำสั่งซื้อของฉันอยู่ที่ไหน'],
] as const) {
  test(`${language}: ${text}`, () => equal(languageOf(text), language))
}

test('what is no prose, or too short to tell, has no language', () => {
  for (const text of ['', '42', '{"a": 1, "b": [2, 3]}', 'OK', 'refund', 'INV-4711 12.50 EUR']) {
    equal(languageOf(text), null, text)
  }
})

test('a long text is read at its beginning only', () => {
  equal(
    languageOf(`${'The order is not here and it was late. '.repeat(100)}${'Der die das und ist. '.repeat(10_000)}`),
    'en',
  )
})
