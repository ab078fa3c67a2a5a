import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { cpuMsOf } from '../builders.ts'
import { compareFacts } from '../../../../services/compare/facts/compare-facts.ts'

/** Answers of a support desk that say the same in other words. */
const paraphrases: Array<[string, string]> = [
  [
    'You must not restart the device during the update.',
    'While it is updating, please leave the machine switched on and do not reboot it.',
  ],
  ['Don’t unplug the router while the light is blinking.', 'Do not unplug the router while its light is blinking.'],
  ["I can't find an order with that number.", 'I was unable to find any order with that number.'],
  ["Unfortunately, we don't ship to Norway.", 'We are sorry, but shipping to Norway is not available.'],
  ['Your refund of €49.00 will arrive within 5 business days.', 'Expect your 49 EUR refund in 5 working days.'],
  ['The total is $1,299.00, due on March 3, 2025.', 'You owe 1299 USD by 3 March 2025.'],
  ['Delivery takes two weeks.', 'It will be delivered within 14 days.'],
  ['Our desk is open Monday to Friday from 9:00 to 17:00.', 'You can reach us 9 am to 5 pm, Monday through Friday.'],
  ['There is no fee for cancelling before the trip.', 'You will not be charged a fee if you cancel before the trip.'],
  [
    'You cannot change the address after the parcel has shipped.',
    'Once the parcel ships, the address can no longer be changed.',
  ],
  ['Please do not hesitate to contact us.', 'Feel free to contact us any time.'],
  ['The item is not available until Monday.', 'The item is available from Monday.'],
  ['Not only do we ship worldwide, we also ship for free.', 'We ship worldwide and for free.'],
  [
    'If you don’t receive the e-mail, check your spam folder.',
    'You should receive an e-mail. If it does not arrive, look in spam.',
  ],
  ['Your order has not shipped yet.', 'Your order is still being packed and will ship soon.'],
  ['1. Open Settings\n2. Choose Network\n3. Press Reset', 'Open Settings, choose Network, then press Reset.'],
  ['See https://help.example.com/reset/ for details.', 'Details: https://help.example.com/reset.'],
  ['Write to Support@Example.com and quote ORD-12345.', 'Quote ord-12345 when you write to support@example.com.'],
  ['No problem! I have updated your address.', 'I have updated your address for you.'],
  ['A 24-hour notice is required.', 'You need to give notice 24 hours ahead.'],
  ['You don’t need to do anything.', 'There is nothing you need to do.'],
  [
    'The battery lasts about ten hours at 50 percent brightness.',
    'At 50% brightness you get roughly 10 hours of battery.',
  ],
  ['The warranty does not cover water damage.', 'Water damage isn’t covered by the warranty.'],
  [
    'You can return unopened items within 30 days. Opened items cannot be returned.',
    'Unopened items can be returned within 30 days, opened ones can’t.',
  ],
  [
    'I could not verify your account, so no changes were made.',
    'No changes have been made because your account could not be verified.',
  ],
  [
    'To reset your password:\n\n1. Go to https://acme.io/login\n2. Click **Forgot password**\n\nThe link is valid for 60 minutes. If you don’t see the e-mail, check your spam folder.',
    'You can reset it at https://acme.io/login by clicking "Forgot password". You have one hour to use the link, and please check spam if nothing shows up.',
  ],
  [
    "I've checked order #48213 and it left our warehouse on March 3. DHL usually needs 2-3 business days, so it should reach you by Thursday. If it hasn't arrived by Friday, reply here and I'll open an investigation.",
    "I looked up your order 48213: it was shipped March 3rd with DHL. Delivery normally takes two to three business days, meaning Thursday at the latest. Let me know if you don't have it by Friday and I will start an investigation.",
  ],
  [
    "No, the Basic plan doesn't include API access. You'd need Pro, which costs $29/month.",
    "API access isn't part of Basic; it comes with the Pro plan at $29 per month.",
  ],
  [
    "I can't change the email for you, but you can change it in your profile.",
    'You can change your email in your profile; I am not able to do that for you.',
  ],
  [
    'Take one tablet twice a day. Do not take more than 4 tablets in 24 hours.',
    'Take one tablet two times daily, and never exceed 4 tablets within 24 hours.',
  ],
  ['Our office is closed on weekends.', "Our office isn't open on Saturday or Sunday."],
  ['Up to 10,000 requests per minute.', 'At most 10k requests a minute.'],
  ['It takes about half an hour and weighs 1.5kg.', 'It takes 30 minutes or so. Weight: 1500 g.'],
  ["The trial is free and you won't be charged until it ends.", 'The trial is free; you are charged when it ends.'],
  ['Sure, I can help with that. Which plan do you have?', 'Happy to help! Which plan are you on?'],
]

for (const [served, arm] of paraphrases) {
  test(`nothing speaks against a paraphrase: ${arm}`, () => {
    deepEqual(compareFacts(served, arm).differences, [])
    deepEqual(compareFacts(arm, served).differences, [])
  })
}

/** Answers that would do harm, with what gives them away. */
const contradictions: Array<[string, string, RegExp]> = [
  [
    'You must not restart the device during the update.',
    'You must restart the device during the update.',
    /^negation dropped/,
  ],
  ['Never share your PIN with anyone.', 'Share your PIN with anyone.', /^negation dropped/],
  ['You can cancel at any time.', "You can't cancel at any time.", /^negation added/],
  ['The warranty covers water damage.', 'Sorry, but the warranty doesn’t cover damage by water.', /^negation added/],
  ['Pets are not allowed.', 'Pets are allowed.', /^negation dropped/],
  ['This fare is non-refundable.', 'This fare is refundable.', /^negation dropped/],
  [
    'You must not restart the device when it is updating.',
    'You must restart the device when it is updating.',
    /^negation dropped/,
  ],
  ['Sie dürfen das Gerät nicht neu starten.', 'Sie dürfen das Gerät neu starten.', /^negation dropped/],
  ['The fee is 49.00 EUR.', 'The fee is 94.00 EUR.', /^amount 49\.00 EUR became 94\.00 EUR$/],
  ['The fee is 49 EUR.', 'The fee is 49 USD.', /^amount 49 EUR became 49 USD$/],
  ['You get 20% off.', 'We give you a discount of 25 percent.', /^percentage 20% became 25 percent$/],
  ['Return it within 30 days.', 'Return it within 13 days.', /^duration 30 days became 13 days$/],
  ['It expires on 2025-03-03.', 'It expires on March 13, 2025.', /^date 2025-03-03 became March 13, 2025$/],
  ['We open at 9:30.', 'We open at 9:30 pm.', /^time 9:30 became 9:30 pm$/],
  ['A technician comes on Tuesday.', 'A technician comes on Thursday.', /^weekday Tuesday became Thursday$/],
  ['Quote order ORD-12345 please.', 'Quote order ORD-12354 please.', /^code ORD-12345 became ORD-12354$/],
  ['Go to https://example.com/reset', 'Go to https://example.org/reset', /^link .* became/],
  ['Write to help@example.com.', 'Write to info@example.com.', /^e-mail address help@example.com became/],
  ['Call +49 170 1234567.', 'Call +49 170 1234576.', /^phone number .* became/],
  ['Keep it below -5 °C.', 'Keep it below 5 °C.', /^measure -5 °C became 5 °C$/],
  ['Yes, we ship to Norway.', 'No, Norway is a country that we skip.', /^answer Yes became No$/],
]

for (const [served, arm, what] of contradictions) {
  test(`a contradiction is caught and named: ${arm}`, () => {
    const { quality, differences } = compareFacts(served, arm)
    equal(quality, 0)
    match(differences[0]?.message ?? 'no difference', what)
  })
}

test('a dropped "not" is caught in either direction, wherever it stood', () => {
  const negation = /\b(?:not|never)\b|n[’']t\b/gi
  const texts = paraphrases.flat().filter((text) => !text.includes('hesitate') && !text.startsWith('Not only'))
  for (const text of texts) {
    for (const { index, 0: word } of text.matchAll(negation)) {
      const whole = `${text.slice(0, index)}${text.slice(index + word.length)}`
        .replace(/\bca\b/, 'can')
        .replace(/\bwo\b/, 'will')
      equal(compareFacts(text, whole).quality, 0, whole)
      equal(compareFacts(whole, text).quality, 0, whole)
    }
  }
})

test('a denial is held against the sentence it is about, not against one that looks like it', () => {
  const both = 'You can return unopened items within 30 days. You cannot return opened items within 30 days.'
  equal(compareFacts(both, 'You cannot return opened items within 30 days.').quality, 1)
  equal(compareFacts(both, 'You can return opened items within 30 days.').quality, 0)
})

test('what is left out or added costs a share, not everything', () => {
  const whole = 'It costs 49 EUR, takes 5 days and weighs 2 kg.'

  const shorter = compareFacts(whole, 'It costs 49 EUR and takes 5 days.')
  const longer = compareFacts('It costs 49 EUR and takes 5 days.', whole)

  deepEqual([shorter.quality, shorter.keptCount, shorter.servedCount], [3 / 4, 2, 3])
  deepEqual(
    shorter.differences.map(({ message }) => message),
    ['measure 2 kg is missing'],
  )
  equal(longer.quality, 3 / 4)
  deepEqual(
    longer.differences.map(({ message }) => message),
    ['measure 2 kg is new'],
  )
})

test('what an arm says beyond the point where the served answer was cut off is not held against it', () => {
  const { quality } = compareFacts('It costs 49 EUR and', 'It costs 49 EUR and takes 5 days.', { isCut: true })
  equal(quality, 1)
})

test('where there is nothing to check, that is told', () => {
  equal(compareFacts('Happy to help.', 'Glad to be of service.').isEvidence, false)
  equal(compareFacts('It costs 49 EUR.', 'It costs 49 EUR.').isEvidence, true)
})

const phrase = fc.constantFrom(
  'You must not open it',
  'It costs 49.00 EUR',
  'Call 0800 123 4567',
  'by March 3, 2025',
  'never',
  '20 %',
  'ORD-1',
  'a week',
  'https://a.example/b',
  'me@a.example',
  '5-7 days',
  '1.299,50',
  'Yes,',
  'no',
  '\n1. ',
  '-5',
  'if',
  '?',
  'can’t',
  '\ud800',
)
const aText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.array(phrase).map((parts) => parts.join(' ')),
)

test('law: no text contradicts itself, and quality stays in [0, 1]', () => {
  fc.assert(
    fc.property(aText, aText, (left, right) => {
      const same = compareFacts(left, left)
      deepEqual([same.quality, same.differences], [1, []])
      const { quality, keptCount, servedCount } = compareFacts(left, right)
      return quality >= 0 && quality <= 1 && keptCount <= servedCount
    }),
  )
})

test('long and hostile texts are read in bounded time', () => {
  const hostile = [
    '1'.repeat(1.2e5),
    '1,'.repeat(1.2e5),
    '1-'.repeat(1.2e5),
    'a'.repeat(1.2e5),
    '-'.repeat(1.2e5),
    'not '.repeat(1.2e5),
    'a1.'.repeat(1.2e5),
    '5 '.repeat(1.2e5),
    'a@'.repeat(1.2e5),
    'You must not go. '.repeat(1e4),
    '\n'.repeat(1.2e5),
    '€'.repeat(1.2e5),
    '(1)'.repeat(1.2e5),
  ]
  for (const text of hostile) {
    const cpuMs = cpuMsOf(() => void compareFacts(text, `${text} not 7`))
    ok(cpuMs < 3000, `${text.slice(0, 6)} took ${cpuMs} ms`)
  }
})
