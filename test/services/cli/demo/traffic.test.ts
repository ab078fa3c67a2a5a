import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { type Kind, kinds } from '../../../../services/cli/demo/kinds.ts'
import { randomOf } from '../../../../services/cli/demo/random.ts'
import { slip } from '../../../../services/cli/demo/slip.ts'
import { demoExchanges, templatesOf } from '../../../../services/cli/demo/traffic.ts'

const exchanges = demoExchanges({ count: 600, seed: 7 })
const share = (kind: Kind) => exchanges.filter((exchange) => exchange.kind === kind).length / exchanges.length

test('over 120 recorded requests of five kinds make as many exchanges as are wanted, each another one', () => {
  const templates = (Object.keys(kinds) as Kind[]).map((kind) => templatesOf(kind).length)
  ok(templates.every((count) => count >= 24))
  ok(templates.reduce((sum, count) => sum + count, 0) >= 120)
  equal(exchanges.length, 600)
  for (const count of [1, 7, 99]) equal(demoExchanges({ count, seed: 1 }).length, count)
  equal(new Set(exchanges.map((exchange) => exchange.id)).size, 600)
})

test('the same seed makes the same requests, another seed others', () => {
  deepEqual(demoExchanges({ count: 50, seed: 7 }), demoExchanges({ count: 50, seed: 7 }))
  const [one, another] = [7, 8].map((seed) => demoExchanges({ count: 50, seed }).map(({ messages }) => messages))
  notDeepEqual(one, another)
})

test('four in five requests go to OpenAI, and every kind has its share', () => {
  for (const kind of Object.keys(kinds) as Kind[]) ok(Math.abs(share(kind) - kinds[kind].share) < 0.01, kind)
  equal(kinds.grounded.family, 'anthropic')
  ok(Math.abs(share('grounded') - 0.2) < 0.01)
})

test('some conversations go on, and the recorded turns come along', () => {
  const second = exchanges.filter((exchange) => exchange.id.endsWith('.2'))
  ok(second.length >= 5)
  for (const { conversationId, messages } of second) {
    deepEqual(
      messages.map(({ role }) => role),
      ['user', 'assistant', 'user'],
    )
    ok(exchanges.some((other) => other.conversationId === conversationId && other.messages.length === 1))
  }
})

const numbersIn = (text: string) => [...new Set(text.match(/\d+(?:[.:]\d+)*/g))].toSorted()
const negationsIn = (text: string) => (text.match(/\bnot\b/g) ?? []).length

test('all wordings of a text answer hold the same numbers and the same number of negations', () => {
  for (const { id, truth } of exchanges) {
    if (truth.type !== 'text') continue
    const [first, ...others] = truth.answers
    equal(new Set(truth.answers).size, 3, id)
    ok(negationsIn(first!) + numbersIn(first!).length > 0, `${id} says nothing that could be wrong`)
    for (const other of others) {
      deepEqual(numbersIn(other), numbersIn(first!), `${id}\n${first}\n${other}`)
      equal(negationsIn(other), negationsIn(first!), `${id}\n${first}\n${other}`)
    }
  }
})

test('no text has a slot left open, and every number of an answer is in its request', () => {
  for (const { id, truth, system, messages } of exchanges) {
    ok(!/[{}]/.test(JSON.stringify(messages.map(({ content }) => content))), id)
    if (truth.type !== 'text') continue
    const asked = [system, ...messages.map(({ content }) => content)].join(' ')
    // The full hour is written out in answers; 2.4 GHz is the band of the network.
    const known = ['2.4', ...numbersIn(asked.replaceAll(':00', ''))]
    const invented = numbersIn(truth.answers[0]!.replaceAll(':00', ''))
    deepEqual(
      invented.filter((number) => !known.includes(number)),
      [],
      `${id}: ${truth.answers[0]}`,
    )
  }
})

test('the sums of an invoice are right', () => {
  for (const { truth } of exchanges) {
    if (truth.type !== 'json') continue
    const { quantity, unit_price, net, vat, total } = truth.value as Record<string, number>
    ok(Math.abs(quantity! * unit_price! - net!) < 0.005)
    ok(Math.abs(net! + vat! - total!) < 0.005)
  }
})

test('a slip always changes what was said, by a word or a digit', () => {
  const random = randomOf('slips')
  for (const { truth } of exchanges) {
    const wrong = slip(truth, random)
    equal(wrong.type, truth.type)
    if (wrong.type === 'text' && truth.type === 'text') {
      ok(!truth.answers.includes(wrong.answers[0]!))
      const nearest = Math.min(...truth.answers.map((answer) => Math.abs(answer.length - wrong.answers[0]!.length)))
      ok(nearest <= ' not'.length)
    } else {
      ok(JSON.stringify(wrong) !== JSON.stringify(truth))
    }
  }
})
