import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { compareFacts } from '../../../../services/compare/facts/compare-facts.ts'

const quality = (served: string, arm: string): number => compareFacts(served, arm).quality
const isKept = (served: string, arm: string): void => equal(quality(served, arm), 1, `${served} | ${arm}`)
const isAltered = (served: string, arm: string): void => equal(quality(served, arm), 0, `${served} | ${arm}`)
const isNoticed = (served: string, arm: string): void => ok(quality(served, arm) < 1, `${served} | ${arm}`)

test('a dollar is not any dollar, and other currencies have their signs too', () => {
  isAltered('O total é R$ 1.249,90.', 'O total é US$ 1.249,90.')
  isAltered('The fee is C$20.', 'The fee is A$20.')
  isAltered('Cena wynosi 120 zł.', 'Cena wynosi 120 €.')
  isAltered('Pris: 499 kr i månaden.', 'Pris: 499 € i månaden.')
  isKept('The fee is CA$20.', 'The fee is C$20.')
  isKept('The fee is R$ 20.', 'The fee is BRL 20.')
})

test('numbers between Chinese, Japanese and Korean words are numbers, with their dates, times and currencies', () => {
  isKept('会议将于2026年3月5日下午2点举行，请提前10分钟到场。', '会议时间为2026年3月5日14:00，请提前10分钟到场。')
  isKept('お支払いは12,800円です。', '12800円のお支払いです。')
  isKept('가격은 3만원입니다.', '가격은 30,000원입니다.')
  isKept('请在3小时内回复。', '请在180分钟内回复。')
  isAltered('お支払いは12,800円です。', 'お支払いは12,800ドルです。')
  isAltered('会议在3月5日举行。', '会议在3月6日举行。')
  isAltered('会議は午後2時からです。', '会議は午前2時からです。')
  isAltered('请在3小时内回复。', '请在3天内回复。')
  isNoticed('订单包含4件商品。', '订单包含5件商品。')
  isNoticed('제품은 3개 남았습니다.', '제품은 2개 남았습니다.')
  isNoticed('型号X200已停产。', '型号X300已停产。')
})

test('months and weekdays of other languages are dates', () => {
  isKept('De factuur is van 1 juli 2026.', 'De factuur is van 1.7.2026.')
  isAltered('De factuur moet vóór 1 juli betaald zijn.', 'De factuur moet vóór 1 juni betaald zijn.')
  isAltered('La scadenza è il 3 maggio 2026.', 'La scadenza è il 5 maggio 2026.')
  isAltered('O prazo é 12 de outubro.', 'O prazo é 12 de novembro.')
  isAltered('Płatność do 4 września.', 'Płatność do 4 października.')
  isAltered('Der Techniker kommt am Dienstag.', 'Der Techniker kommt am Donnerstag.')
  isAltered('Le technicien vient mardi.', 'Le technicien vient jeudi.')
  isAltered('El técnico viene el lunes.', 'El técnico viene el viernes.')
  isKept('Der Techniker kommt Montag.', 'Am Montag kommt der Techniker.')
})

test('times are read as they are written elsewhere', () => {
  isKept('Das Zimmer ist ab 15 Uhr frei.', 'Das Zimmer ist ab 15:00 frei.')
  isAltered('Das Zimmer ist ab 15 Uhr frei.', 'Das Zimmer ist ab 16 Uhr frei.')
  isKept('Rendez-vous à 9 h 30.', 'Rendez-vous à 9:30.')
})

test('millions and parts are numbers in words', () => {
  isKept('The city has 1,204,000 inhabitants.', 'The city has 1.204 million inhabitants.')
  isKept('Die Stadt hat 1.200.000 Einwohner.', 'Die Stadt hat 1,2 Millionen Einwohner.')
  isKept('La ville compte 2 000 000 d’habitants.', 'La ville compte 2 millions d’habitants.')
  isNoticed('The city has 1.2 million inhabitants.', 'The city has 1.2 billion inhabitants.')
  isKept('Davon sind 25 % Büros.', 'Davon sind ein Viertel Büros.')
  isKept('Le loyer augmente de 3 %.', 'Le loyer augmente de 3 pour cent.')
})

test('durations and areas of other languages have their units', () => {
  isAltered('La spedizione richiede 3 giorni.', 'La spedizione richiede 3 settimane.')
  isAltered('De levering duurt 2 dagen.', 'De levering duurt 2 weken.')
  isAltered('A entrega leva 2 anos.', 'A entrega leva 2 meses.')
  isKept('Die Fläche beträgt 12.500 Quadratmeter.', 'Die Fläche beträgt 12 500 m².')
})

test('one place in an order is not another, and what is allowed is not forbidden', () => {
  isAltered(
    'The meeting room on the third floor seats eight people.',
    'The meeting room on the fourth floor seats eight people.',
  )
  isAltered('Das Zimmer liegt im zweiten Stock links.', 'Das Zimmer liegt im dritten Stock links.')
  isAltered('La chambre est au deuxième étage.', 'La chambre est au troisième étage.')
  isAltered('The rule blocks incoming traffic on port 22.', 'The rule allows incoming traffic on port 22.')
  isAltered('Das Rauchen ist hier erlaubt.', 'Das Rauchen ist hier verboten.')
})
