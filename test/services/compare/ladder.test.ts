import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Answer } from '../../../shared/contracts/answer.ts'
import { type Task } from '../../../shared/contracts/exchange.ts'
import { divergenceOf } from '../../../services/compare/divergence.ts'
import { decide } from '../../../services/compare/ladder.ts'
import { aCall, anAnswer, aPair } from './builders.ts'

type Given = string | Partial<Answer>

/** What is decided about the pair, by which rung, and the first difference in words. */
function decided(served: Given, arm: Given, task: Task = 'text') {
  const pair = aPair(served, arm, task)
  const { quality, decidedBy, differences } = decide(pair)
  return { quality, decidedBy, divergence: divergenceOf(pair), message: differences[0]?.message ?? null }
}

const refused: Partial<Answer> = { outcome: 'refused', finish: 'content_filter', text: '', refusalText: 'I cannot.' }
const calling = (...toolCalls: Answer['toolCalls']): Partial<Answer> => ({ text: '', finish: 'tool_calls', toolCalls })

test('identical answers are equivalent and not divergent, whatever the task, ids and thinking', () => {
  const call = aCall('refund', { order: 7 })
  for (const answer of [
    { text: '' },
    { text: '{"a":1}' },
    refused,
    calling(call),
    { outcome: 'truncated_by_limit' as const },
  ]) {
    for (const task of ['text', 'label', 'json', 'tools'] as const) {
      const other = { ...answer, thinkingText: 'hm', nativeFinish: 'end_turn', model: 'small-1' }
      deepEqual(decided(answer, other, task), { quality: 1, decidedBy: 'identical', divergence: 0, message: null })
    }
  }
  const renumbered = { ...call, id: 'toolu_2' }
  equal(decided(calling(call), calling(renumbered)).decidedBy, 'identical')
})

test('a refusal and an answer never agree, in either direction, and two refusals do', () => {
  const answered = decided(refused, 'Here you are.')
  const declined = decided('Here you are.', refused)
  const inWords = decided('Here you are.', 'I’m sorry, but I can’t assist with that.')

  deepEqual([answered.quality, answered.message], [0, 'the served model refused, the arm answered'])
  deepEqual([declined.quality, declined.message], [0, 'the served model answered, the arm refused'])
  deepEqual([inWords.quality, inWords.decidedBy], [0, 'refusal'])
  deepEqual(
    [decided(refused, 'I can’t help with that.').quality, decided(refused, 'I can’t help with that.').decidedBy],
    [1, 'refusal'],
  )
})

test('regret in an answer is no refusal', () => {
  for (const text of [
    'I’m sorry, but I can’t find your order. Could you check the number?',
    'Unfortunately we cannot ship to Norway.',
    'Sorry for the delay! I can help with that.',
    'I will answer your question below.',
  ]) {
    equal(decided('Here you are, my friend.', text).decidedBy === 'refusal', false, text)
  }
})

test('an answer cut off at its limit does not replace one that ended by itself', () => {
  const { quality, decidedBy, message } = decided('All good.', { text: 'All', outcome: 'truncated_by_limit' })
  deepEqual([quality, decidedBy], [0, 'finish'])
  equal(message, 'the served answer ended by itself, the arm’s was cut off at the token limit')
})

test('where the served answer was cut off, the arm is held against what there is of it', () => {
  const cut = { text: 'The fee is 49 EUR and it', outcome: 'truncated_by_limit' as const }
  equal(decided(cut, 'The fee is 49 EUR and it is due within 30 days.').quality, 1)
  equal(decided(cut, 'The fee is 94 EUR and it is due within 30 days.').quality, 0)
})

test('a paused turn is not a finished one', () => {
  equal(decided('Done.', { text: 'Done', outcome: 'paused', finish: 'pause' }).decidedBy, 'finish')
})

test('JSON that a client could not parse is worthless, however close', () => {
  const invalid = decided('{"a":1}', '{"a":1', 'json')
  const fenced = decided('{"a":1}', '```json\n{"a":1}\n```', 'json')
  const prose = decided('{"a":1}', 'Here is the JSON you asked for: {"a":1}', 'json')

  deepEqual([invalid.quality, invalid.decidedBy, invalid.divergence], [0, 'format', 1])
  deepEqual([fenced.quality, fenced.decidedBy, fenced.divergence], [0, 'format', 0])
  match(fenced.message!, /^fenced JSON/)
  equal(prose.quality, 0)
})

const fence = (text: string): string => `\`\`\`json\n${text}\n\`\`\``

test('a served answer that was itself fenced asks no more of the arm', () => {
  equal(decided(fence('{"a":1}'), fence('{ "a": 1 }'), 'json').quality, 1)
  equal(decided(fence('{"a":1}'), '{"a":1}', 'json').quality, 1)
  equal(decided(fence('{"a":1}'), fence('{"a":2}'), 'json').quality, 0)
})

test('JSON given without being asked for is still compared as JSON', () => {
  equal(decided('{"a":1,"b":2}', '{"b":2,"a":1}', 'text').decidedBy, 'json')
  equal(decided('{"a":1,"b":2}', 'a is 1', 'text').decidedBy, 'format')
})

test('NaN and duplicate keys are read as a client reads them', () => {
  equal(decided('{"a":1}', '{"a":NaN}', 'json').quality, 0)
  equal(decided('{"a":1}', '{"a":2,"a":1}', 'json').quality, 1)
  equal(decided('{"a":1e400}', '{"a":1e999}', 'json').quality, 1)
  equal(decided('{"a":1e400}', '{"a":1e300}', 'json').quality, 0)
})

test('an empty answer is a difference both ways round', () => {
  deepEqual([decided('Yes, sure.', ' \n').quality, decided('Yes, sure.', '').decidedBy], [0, 'format'])
  equal(decided('', 'Yes, sure.').quality, 0)
  equal(decided('', ' \n').quality, 1)
})

test('an answer in another script is not what was served', () => {
  const { quality, message } = decided('Your order has shipped.', 'Ваш заказ отправлен.')
  deepEqual([quality, message], [0, 'another script: Latin became Cyrillic'])
})

test('an answer four times as long, or as short, is not the same answer; short ones are left alone', () => {
  const long = 'We checked the parcel and it is on its way to your address. '.repeat(10)
  match(decided(long, 'We checked the parcel.').message!, /^another length: 600 characters became 22$/)
  equal(decided('We checked the parcel.', long).quality, 0)
  equal(decided('Sure, done.', 'Sure, I have done that for you just now, have a nice day.').decidedBy, 'text')
})

test('tool calls are compared by name and arguments, not by order, spacing or the text beside them', () => {
  const [first, second] = [aCall('find', { id: 7 }), aCall('refund', { order: 7, reason: 'late' })]
  const respelled = { ...second, argumentsText: '{ "reason": "late",\n"order": 7.0 }' }

  deepEqual(decided(calling(first, second), { ...calling(respelled, first), text: 'One moment.' }), {
    quality: 1,
    decidedBy: 'tools',
    divergence: 0,
    message: null,
  })
})

test('each wrong, missing or added argument and call lowers the quality and is named', () => {
  const refund = aCall('refund', { order: 7, reason: 'late' })
  const wrong = decided(calling(refund), calling(aCall('refund', { order: 8, reason: 'late' })))
  const added = decided(calling(refund), calling(aCall('refund', { order: 7, reason: 'late', amount: 9 })))
  const twice = decided(calling(refund), calling(refund, aCall('close', {})))
  const other = decided(calling(refund), calling(aCall('close', '')))

  deepEqual([wrong.quality, wrong.message], [1 / 2, 'refund: /order changed'])
  deepEqual([added.quality, added.message], [2 / 3, 'refund: /amount only in the arm'])
  deepEqual([twice.quality, twice.message], [2 / 3, 'called close, which the served answer did not'])
  deepEqual([other.quality, other.divergence, other.message], [0, 1, 'did not call refund'])
})

test('several calls of one tool are matched with those they agree with most', () => {
  const [seven, eight, none] = [aCall('find', { id: 7 }), aCall('find', { id: 8 }), aCall('find', {})]
  equal(decided(calling(none, seven, eight), calling(eight, none, seven)).quality, 1)
  deepEqual(decided(calling(seven, none), calling(none)).quality, 2 / 3)
})

test('words instead of a call, or a call instead of words, are another answer', () => {
  const refund = aCall('refund', { order: 7 })
  deepEqual(
    [decided(calling(refund), 'I refunded it.').quality, decided('I refunded it.', calling(refund)).quality],
    [0, 0],
  )
})

test('broken arguments agree only with themselves', () => {
  const broken = aCall('refund', '{"order":')
  equal(decided(calling(broken), calling({ ...broken, id: 'x' })).quality, 1)
  equal(decided(calling(aCall('refund', '{}')), calling(broken)).quality, 0)
  equal(decided(calling(aCall('now', '')), calling(aCall('now', '{}'))).quality, 1)
})

test('labels agree but for case, quotes and a full stop', () => {
  deepEqual(decided('billing', '**"Billing."**', 'label'), {
    quality: 1,
    decidedBy: 'label',
    divergence: 0,
    message: null,
  })
  equal(decided('Billing', 'billing', 'label').quality, 1)
  deepEqual(
    [decided('billing', 'shipping', 'label').quality, decided('billing', 'shipping', 'label').divergence],
    [0, 1],
  )
  equal(decided('billing', 'The label is: billing', 'label').quality, 0)
})

test('labels of a sign or one letter are not normalised away', () => {
  for (const [served, arm] of [
    ['+', '-'],
    ['A', 'B'],
    ['a', 'the'],
    ['-1', '1'],
    ['.', '*'],
  ] as const) {
    equal(decided(served, arm, 'label').quality, 0, `${served} ${arm}`)
  }
})

test('the same words are the same answer; the same digits with other marks are not', () => {
  deepEqual(decided('The fee is 15 EUR.', 'the fee is 15 EUR').decidedBy, 'words')
  equal(decided('The fee is 1.5 EUR.', 'The fee is 15 EUR.').quality, 0)
  equal(decided('It is -5 °C.', 'It is 5 °C.').quality, 0)
})

test('law: case, articles, punctuation and spacing make no other words, in whatever letters', () => {
  const words = fc.array(fc.constantFrom('order', 'Ships', 'ÄPFEL', 'naïve', 'Kiel', 'hat', 'Theme', 'ответ'), {
    minLength: 1,
    maxLength: 8,
  })
  const between = fc.constantFrom(' ', '  ', '\n', ' the ', ', an ', '\u00a0', ' A ', '! ', ' (', ') ')
  fc.assert(
    fc.property(words, fc.array(between, { minLength: 16, maxLength: 16 }), fc.boolean(), (each, gaps, isLower) => {
      const said = (place: number): string => each.map((word, at) => word + gaps[2 * at + place]!).join('')
      const arm = isLower ? said(1).toLowerCase() : said(1)
      ok(['words', 'identical'].includes(decided(said(0), arm).decidedBy), JSON.stringify([said(0), arm]))
    }),
  )
})

test('text is decided by its facts where it has some, and says so', () => {
  deepEqual(decided('The fee is 49 EUR.', 'You pay 49 EUR.').decidedBy, 'facts')
  deepEqual(decided('You must not restart the device.', 'You must restart the device.').quality, 0)
  deepEqual(
    [
      decided('Happy to help!', 'Glad to be of service!').quality,
      decided('Happy to help!', 'Glad to be of service!').decidedBy,
    ],
    [1, 'text'],
  )
})

test('two answers without one word of meaning in common answer different questions', () => {
  const { quality, decidedBy } = decided(
    'Bananas grow in warm countries near the equator.',
    'Please restart your router, wait briefly, then reconnect every laptop.',
  )
  deepEqual([quality, decidedBy], [0, 'text'])
})

const wide = (value: string): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`${at}`.repeat(200), value])))

test('differences are few and short, whatever the answers hold', () => {
  const { differences } = decide(aPair(wide('x'.repeat(900)), wide('y'.repeat(900)), 'json'))

  equal(differences.length, 20)
  for (const { path, message, served, arm } of differences) {
    for (const text of [path, message, served, arm]) ok(text!.length <= 300)
  }
})

const deep = (core: string): string => `${'['.repeat(10_000)}${core}${']'.repeat(10_000)}`

test('documents nested ten thousand deep are compared as texts', () => {
  equal(decided(deep('1'), deep('1'), 'json').quality, 1)
  equal(decided(deep('1'), deep('2'), 'json').quality, 0)
  equal(decided(deep('1'), ` ${deep('1')}`, 'json').quality, 1)
  const arguments_ = `{"a":${deep('1')}}`
  equal(decided(calling(aCall('x', arguments_)), calling(aCall('x', `${arguments_} `))).quality, 0)
})

test('answers of odd characters never throw', () => {
  const odd = [
    '',
    ' ',
    '\u0000',
    '\ud800',
    '😀',
    '\u202e',
    'ﬁ',
    '```',
    '```\n```',
    '{"__proto__":{"a":1}}',
    '[]',
    'null',
    '"',
    '0',
  ]
  for (const served of odd) {
    for (const arm of odd) {
      for (const task of ['text', 'label', 'json', 'tools'] as const) {
        const { quality, divergence } = decided(anAnswer({ text: served }), anAnswer({ text: arm }), task)
        ok(quality >= 0 && quality <= 1 && divergence >= 0 && divergence <= 1)
        if (served === arm) deepEqual([quality, divergence], [1, 0])
      }
    }
  }
})
