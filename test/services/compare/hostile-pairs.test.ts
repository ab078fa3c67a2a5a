import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer } from '../../../shared/contracts/answer.ts'
import { type Task } from '../../../shared/contracts/exchange.ts'
import { compareSet } from '../../../services/compare/compare.ts'
import { aCall, anAnswer, anObservation, aSet } from './builders.ts'

type Given = string | Partial<Answer>

function compared(served: Given, arm: Given, task?: Task) {
  const [left, right] = [served, arm].map((given) => anAnswer(typeof given === 'string' ? { text: given } : given))
  const [comparison] = compareSet(
    aSet({
      served: { answer: left! },
      exchange: { task: task ?? null },
      observations: [anObservation({ answer: right! })],
    }),
    new Date(),
  )
  return comparison!
}

const calling = (...toolCalls: Answer['toolCalls']): Partial<Answer> => ({ text: '', finish: 'tool_calls', toolCalls })
const code = (source: string) => `Try this:\n\`\`\`js\n${source}\n\`\`\``
const list = (...items: string[]) => `You need:\n${items.map((item) => `- ${item}`).join('\n')}`

/** Answers that would do harm in the place of the served one, and what is said of them. */
const harmful: [what: string, served: Given, arm: Given, said: RegExp, task?: Task][] = [
  ['another currency', 'The total is €49.00, payable today.', 'The total is $49.00, payable today.', /^amount/],
  ['another sign', 'The balance is -20 EUR.', 'The balance is 20 EUR.', /-20 became 20/],
  ['numbers swapped', 'You ordered 3 chairs and 2 tables.', 'You ordered 2 chairs and 3 tables.', /^3 became 2/],
  [
    'prices swapped',
    'The chair costs €49 and the table costs €99.',
    'The chair costs €99 and the table costs €49.',
    /^49 became 99/,
  ],
  ['another number word', 'You have three attempts.', 'You have five attempts.', /^three became five/],
  ['kilograms and grams', 'Add 5 kg of flour to the mix.', 'Add 5 g of flour to the mix.', /^measure 5 kg/],
  ['hours and days', 'You will hear from us within 24 hours.', 'You will hear from us within 24 days.', /^duration/],
  ['kilometres and miles an hour', 'The limit is 50 km/h here.', 'The limit is 50 mph here.', /^measure 50 km\/h/],
  ['day and month swapped', 'The deadline is 4 May 2026.', 'The deadline is 5 April 2026.', /^date/],
  [
    'beginning and end swapped',
    'The sale runs from 3 March to 9 March.',
    'The sale runs from 9 March to 3 March.',
    /^3 became 9/,
  ],
  ['before and after', 'Take the pill before meals.', 'Take the pill after meals.', /before became after/],
  ['at least and at most', 'The fee is at least 20 euros.', 'The fee is at most 20 euros.', /least became most/],
  ['up and down', 'Revenue increased by 5 % last year.', 'Revenue decreased by 5 % last year.', /its opposite$/],
  ['accepted and refused', 'We accept returns of opened items.', 'We refuse returns of opened items.', /its opposite$/],
  ['a failure called success', 'The backup failed last night.', 'The backup succeeded last night.', /its opposite$/],
  ['a condition dropped', 'You get a refund only if the item is unopened.', 'You get a refund.', /^condition dropped$/],
  [
    'an exception dropped',
    'You can cancel for free unless the order has shipped.',
    'You can cancel for free.',
    /^condition dropped$/,
  ],
  [
    'a condition added',
    'You can cancel for free.',
    'You can cancel for free provided you are a member.',
    /^condition added$/,
  ],
  [
    'an item left out of a list',
    list('a passport', 'a proof of address', 'a recent photo', 'the signed form'),
    list('a passport', 'a proof of address', 'the signed form'),
    /^list item is missing$/,
  ],
  [
    'a refund promised',
    'I am sorry that the parcel is late. I have informed the courier.',
    'I am sorry that the parcel is late. I have informed the courier and we will refund your order in full.',
    /^promise of a refund is new$/,
  ],
  ['another address', 'Write to support@acme.com for help.', 'Write to support@acme.co for help.', /^e-mail/],
  ['another link', 'See https://acme.com/p?id=12 for more.', 'See https://acme.com/p?id=21 for more.', /^link/],
  ['another link without a scheme', 'Go to acme.com/reset now.', 'Go to acme.com/restart now.', /^link/],
  ['another placeholder', 'Hello [NAME_1], it is ready.', 'Hello [NAME_2], it is ready.', /NAME_1 became NAME_2/],
  ['an operator in code', code('const a = 1 + b'), code('const a = 1 - b'), /^code: \+ became -$/],
  ['a bound in code', code('if (x <= 10) stop()'), code('if (x >= 10) stop()'), /^code: <= became >=$/],
  ['the other extreme in code', code('const a = min(b, c)'), code('const a = max(b, c)'), /min became max/],
  ['another name', 'Your advisor is Anna Keller.', 'Your advisor is Maria Keller.', /^another name$/],
  ['another command', 'Run `rm -r build` to clean it.', 'Run `rm -rf /` to clean it.', /^"rm -r build" became/],
  ['another tool', calling(aCall('cancel', { id: 7 })), calling(aCall('refund', { id: 7 })), /^did not call cancel/],
  [
    'one call too many',
    calling(aCall('find', { id: 7 })),
    calling(aCall('find', { id: 7 }), aCall('delete', { id: 7 })),
    /^called delete/,
  ],
  [
    'a number as text in a call',
    calling(aCall('find', { id: 7 })),
    calling(aCall('find', { id: '7' })),
    /\/id changed/,
  ],
  ['null left out', '{"a":1,"b":null}', '{"a":1}', /\/b missing/, 'json'],
  ['null in words', '{"a":1,"b":null}', '{"a":1,"b":"null"}', /\/b changed/, 'json'],
  ['a number as text', '{"a":1,"b":2}', '{"a":1,"b":"2"}', /\/b changed/, 'json'],
  ['another order', '{"a":[1,2,3]}', '{"a":[3,2,1]}', /\/a\/\d changed/, 'json'],
  ['the other truth', '{"ok":true}', '{"ok":false}', /\/ok changed/, 'json'],
  ['one element too many', '{"items":["a","b"]}', '{"items":["a","b","c"]}', /only in the arm/, 'json'],
  ['another label', 'positive', 'not positive', /^another label$/, 'label'],
  ['nothing', 'Sure, it is done.', '', /empty/],
  [
    'the beginning only',
    'The order has shipped and arrives on Friday.',
    { text: 'The order has shipped and', outcome: 'truncated_by_limit', finish: 'length' },
    /cut off/,
  ],
  [
    'another language of the same script',
    'You can return the item in any of our stores.',
    'Puede devolver el artículo en cualquiera de nuestras tiendas.',
    /^another language: English became Spanish$/,
  ],
  ...[
    'I must respectfully decline to answer that question.',
    'I’m afraid that’s something I can’t help with.',
    'I would rather not go into this.',
    'I don’t have enough information to answer that.',
    'Es tut mir leid, aber dabei kann ich nicht helfen.',
    'Lo siento, pero no puedo ayudar con eso.',
    'Désolé, mais je ne peux pas vous aider.',
  ].map((refusal): [string, Given, Given, RegExp] => [
    `a refusal: ${refusal}`,
    'The capital of France is Paris.',
    refusal,
    /the arm refused$/,
  ]),
]

for (const [what, served, arm, said, task] of harmful) {
  test(`not the same: ${what}`, () => {
    const { outcome, measured, differences } = compared(served, arm, task)
    equal(outcome, 'different')
    ok(measured!.quality < 1)
    match(differences[0]!.message, said)
  })
}

const harmless: [what: string, served: Given, arm: Given, task?: Task][] = [
  [
    'the same list in other words',
    list('a passport', 'a recent photo'),
    list('your passport', 'one up-to-date picture'),
  ],
  [
    'a list told in a sentence',
    list('a passport', 'a proof of address', 'a photo'),
    'Bring a passport, a proof of address and a photo.',
  ],
  [
    'a condition said elsewhere',
    'You can cancel for free unless the order has shipped.',
    'You can cancel for free. Once the order has shipped, that is over.',
  ],
  ['an offer without its if', 'Write to us if you need help with it.', 'Write to us.'],
  ['the same promise in other words', 'You will get your money back in May.', 'We will refund you in May.'],
  ['a refund under a condition', 'Send it back to us.', 'Send it back. We will refund you if it is unused.'],
  ['other names in code', code('const sum = a + b'), code('const total = a + b')],
  ['quotes in code', code('say("hi")'), code("say('hi')")],
  ['opposites in sentences of other words', 'Call us before noon.', 'Please call in the morning, not after noon.'],
  ['steps in another numbering', '1) Open it\n2) Close it again', '- Open it\n- Close it again'],
  ['a link with and without a scheme', 'See https://acme.com/reset.', 'See acme.com/reset for it.'],
  ['two names with a slash', 'Use Node.js/Express for that.', 'Use Node.js and Express for that.'],
  [
    'words that English shares with others',
    'Die besten Pizza-Restaurants: La Trattoria, Il Forno, Da Mario.',
    'Pizza: La Trattoria, Il Forno und Da Mario sind die besten.',
  ],
  [
    'an answer that begins with what is missing',
    'You can reset it in your profile.',
    'I don’t have access to your account, but you can reset it yourself in your profile.',
  ],
]

for (const [what, served, arm, task] of harmless) {
  test(`the same: ${what}`, () => {
    equal(compared(served, arm, task).outcome, 'equivalent')
    equal(compared(arm, served, task).outcome, 'equivalent')
  })
}

test('where the served answer was cut off, what comes later is no turn, condition or promise', () => {
  const cut = { text: 'I am sorry. You can cancel', outcome: 'truncated_by_limit' as const }
  equal(compared(cut, 'I am sorry. You can cancel unless it has shipped. We will refund you.').outcome, 'equivalent')
})

/** Needs a judge: these pass as equivalent, and are listed so that nobody takes a pass for a proof. */
const unseen: [what: string, served: string, arm: string][] = [
  [
    'a denial in other words',
    'You may share this file with customers.',
    'This file must be kept secret from customers.',
  ],
  [
    'a condition dropped in other words',
    'A refund is possible as long as the item is unopened.',
    'We are happy to take it back and pay for it.',
  ],
]

for (const [what, served, arm] of unseen) {
  test(`a known limit, not seen without a judge: ${what}`, () => {
    const { outcome, decidedBy } = compared(served, arm)
    equal(outcome, 'equivalent')
    equal(decidedBy, 'text')
  })
}
