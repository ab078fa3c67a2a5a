import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { contextOf, hasSection } from '../../../../services/compare/grounding/context.ts'
import { ground } from '../../../../services/compare/grounding/ground.ts'

const given = (...texts: string[]) => ({ texts, hasDocuments: false })
const missing = (context: string, text: string): string[] =>
  ground({ text }, contextOf(given(context))).missing.map((claim) => `${claim.kind} ${claim.text}`)

test('numbers, dates and amounts are found in any notation, and what is not there is named', () => {
  const context = 'The Lindqvist L2 weighs 1,250 g, costs 48.90 € and is sold since 3 March 2024. Battery: 10 hours.'

  deepEqual(missing(context, 'It costs €48.90 and weighs 1.25 kg. It was first sold on March 3, 2024.'), [])
  deepEqual(missing(context, 'It costs €46.90 and runs for 12 hours.'), ['amount €46.90', 'duration 12 hours'])
  deepEqual(missing(context, 'It runs for 10 hours.'), [])
})

test('the same in German, French, Spanish and Dutch', () => {
  deepEqual(missing('Der Preis beträgt 1.299,00 € ab dem 3. Mai 2026.', 'Ab 3. Mai 2026 kostet es 1.299 €.'), [])
  deepEqual(missing('Der Preis beträgt 1.299,00 €.', 'Es kostet 1.399,00 €.'), ['amount 1.399,00 €'])
  deepEqual(missing('Le colis pèse 2 kg et coûte 15 €.', 'Le colis coûte 25 € et pèse 2 kg.'), ['amount 25 €'])
  deepEqual(missing('El pedido 88213 llega el lunes.', 'Su pedido 88214 llega el lunes.'), ['number 88214'])
  deepEqual(missing('Bestelling 4471 kost 20 €.', 'Bestelling 4471 kost 30 €.'), ['amount 30 €'])
})

test('a number is not found within another one', () => {
  deepEqual(missing('It costs 146.90 € or 1,046 €, item 15, in 2.46 s.', 'It costs 46.90 €.'), ['amount 46.90 €'])
  deepEqual(missing('Item 15, part 1.5, size 50', 'Take item 5.'), ['number 5'])
  deepEqual(missing('The code is AB-1234-X.', 'The code is AB-1234.'), ['code AB-1234'])
})

test('names are found by their words, wherever these stand', () => {
  const context = 'Contract between Keller, Anna and the firm Nortec. Dr. Brandt is the witness.'

  deepEqual(missing(context, 'The contract was signed by Anna Keller of Nortec before Brandt.'), [])
  deepEqual(missing(context, 'The contract was signed by Anna Meyer of Nortec.'), ['name anna meyer'])
})

test('quotations must stand there in these words, whatever the marks', () => {
  const context = 'Section 4: The tenant “shall not sublet the premises”, not even in part. 「禁止转租房屋」'

  deepEqual(missing(context, 'It says that the tenant "shall not sublet the Premises".'), [])
  deepEqual(missing(context, 'It says that the tenant "may sublet the premises".'), [
    'quotation "may sublet the premises"',
  ])
  deepEqual(
    missing(context, 'Der Vertrag sagt dazu, und das ist für Sie wichtig: „shall not sublet the premises“.'),
    [],
  )
  deepEqual(missing(context, '合同规定「禁止转租房屋」。'), [])
})

test('the values of a JSON answer are looked up, its keys are not', () => {
  deepEqual(missing('Invoice 2041, total 318.40', '{"number":"2041","total":318.4,"Supplier Name":"unknown"}'), [])
  deepEqual(missing('Invoice 2041, total 318.40', '```json\n{"total":381.4}\n```'), ['number 381.4'])
})

test('an answer that claims nothing has nothing missing', () => {
  deepEqual(ground({ text: 'I am glad to help.' }, contextOf(given(''))), { claims: 0, missing: [] })
})

test('whatever is asked, an answer that repeats its context is grounded in it', () => {
  const words = fc.constantFrom(
    '48.90 €',
    '3 May 2026',
    'Nortec',
    'the',
    'price',
    'of',
    '12 kg',
    '“fixed rate”',
    'INV-20',
    '.',
  )
  fc.assert(
    fc.property(fc.array(words, { maxLength: 60 }), (parts) => {
      const text = parts.join(' ')
      deepEqual(missing(text, text), [])
    }),
  )
})

test('a fact of a long context is found wherever it stands', () => {
  const lines = Array.from({ length: 3_000 }, (_, at) => `Item ${at} costs ${at}.50 € and weighs ${at + 7} kg.`)

  deepEqual(missing(lines.join('\n'), 'Item 2987 costs 2987.50 €. Item 3 weighs 10 kg.'), [])
  equal(missing(lines.join(' '), 'Item 2987 costs 3987.50 €.').length, 1)
})

test('a request that says where its context begins is told from one that does not', () => {
  const telling = [
    'Answer from these.\n\nContext:\nThe price is 5 €.',
    '## Passages\n[1] The price',
    '<documents>\n<document>a</document></documents>',
    'Document 3: the price',
    'Beantworte die Frage.\nKontext: Der Preis',
    'Contexte :\nLe prix',
    'Fuentes:\nEl precio',
  ]
  for (const text of telling) ok(hasSection(given('You help.', text)), text)
  for (const text of ['What is the context of this poem?', 'Sources say that it rains.', '', 'contextual: no'])
    ok(!hasSection(given(text)), text)
})
