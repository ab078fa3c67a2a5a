import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal } from '../../../services/compare/refusal.ts'
import { decide } from '../../../services/compare/ladder.ts'
import { foundOf } from '../../../services/compare/found.ts'
import { aCall, anAnswer, aPair } from './builders.ts'

const isDeclined = (text: string): boolean => isRefusal(anAnswer({ text }))

test('a refusal is known in many languages', () => {
  for (const text of [
    'I’m sorry, but I can’t help with that request.',
    'Unfortunately I’m not able to give out personal data of other customers.',
    'I’m sorry, but I can’t share another customer’s personal data.',
    'I’m afraid I can’t help with that.',
    'Es tut mir leid, aber dabei kann ich Ihnen nicht helfen.',
    'Leider kann ich dazu keine Auskunft geben.',
    'Lo siento, pero no puedo ayudarle con eso.',
    'Lamentablemente, no puedo proporcionar esa información.',
    'Je suis désolé, mais je ne peux pas vous aider.',
    'Malheureusement, je ne suis pas en mesure de répondre à cette demande.',
    'Mi dispiace, ma non posso aiutarti con questa richiesta.',
    'Desculpe, mas não posso ajudar com isso.',
    'Het spijt me, maar ik kan u daar niet mee helpen.',
    'Przykro mi, ale nie mogę w tym pomóc.',
    'Tyvärr kan jag inte hjälpa dig med det.',
    'Üzgünüm, ama bu konuda yardımcı olamam.',
    'Извините, но я не могу с этим помочь.',
    '申し訳ありませんが、そのご要望にはお答えできません。',
    '很抱歉，我无法提供这方面的帮助。',
    '죄송하지만 그 요청은 도와드릴 수 없습니다.',
  ])
    equal(isDeclined(text), true, text)
})

test('regret within an answer is none, in any of them', () => {
  for (const text of [
    'I’m sorry, but I can’t find your order. Could you check the number?',
    'Unfortunately we cannot ship to Norway.',
    'Sorry, we are not able to deliver before Monday.',
    'Unfortunately we cannot provide a refund after 30 days.',
    'Lamentablemente, no podemos ofrecer un reembolso después de 30 días.',
    '很抱歉，无法提供退款。',
    'Leider kann ich Ihre Bestellung nicht finden.',
    'Es tut mir leid, dass das Paket beschädigt war. Wir erstatten den Betrag.',
    'Lo siento, no hemos recibido su pago todavía.',
    'Je suis désolé pour ce retard. Le colis arrive demain.',
    'Mi dispiace per il ritardo. Il pacco arriva domani.',
    'Desculpe pela demora. O pedido chega amanhã.',
    'Het spijt me dat het pakket te laat was.',
    'Przepraszam za opóźnienie, paczka dotrze jutro.',
    '申し訳ありませんが、発送は明日になります。',
    '很抱歉，您的订单还没有发货。',
    '죄송하지만 배송은 내일 시작됩니다.',
  ])
    equal(isDeclined(text), false, text)
  equal(isRefusal(anAnswer({ text: 'I can’t help with that.', toolCalls: [aCall('find', {})] })), false)
})

test('a transition is recorded with its direction', () => {
  const [answer, refusal] = [
    'Öffnen Sie die Konsole und wählen Sie Benutzer.',
    'Dabei kann ich Ihnen leider nicht helfen.',
  ]
  const kinds = (served: string, arm: string) => {
    const pair = aPair(served, arm)
    return foundOf(pair, decide(pair)).kinds.join()
  }

  equal(kinds(answer, refusal), 'refusal:refusal_added')
  equal(kinds(refusal, answer), 'refusal:refusal_dropped')
  equal(kinds(refusal, 'I’m sorry, but I can’t help with that.'), '')
})
