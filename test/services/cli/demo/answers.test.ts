import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { pretendModel, type PretendModel, type Turn } from '../../../../services/cli/demo/answers.ts'
import { type Behaviour, candidates } from '../../../../services/cli/demo/models.ts'
import { type DemoExchange, demoExchanges } from '../../../../services/cli/demo/traffic.ts'

const exchanges = demoExchanges({ count: 2000, seed: 3 })
const { equivalent, subtle, fenced, flaky } = candidates

type Asked = { model: string; behaviour: Behaviour }
const askAll = (ask: PretendModel, { model, behaviour }: Asked, some = exchanges) =>
  some.map(({ messages }) => ask({ model, behaviour, messages }))

const turnsOf = (candidate: Asked): Turn[] => askAll(pretendModel(exchanges, 1), candidate)

/** Share of answers that are none of the right ones, fences aside. */
function wrongShare(turns: Turn[]): number {
  const wrong = turns.filter(({ said }, index) => !isRight(said, exchanges[index]!))
  return wrong.length / turns.length
}

function isRight(said: Turn['said'], { truth }: DemoExchange): boolean {
  const text = said.text.replace(/^```json\n|\n```$/g, '')
  if (truth.type === 'text') return truth.answers.includes(text)
  if (truth.type === 'label') return text === truth.label
  if (truth.type === 'json') return JSON.stringify(JSON.parse(text)) === JSON.stringify(truth.value)
  return JSON.stringify(said.toolCall) === JSON.stringify({ name: truth.name, arguments: truth.arguments })
}

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

test('the same seed gives the same answers, in whatever order the requests come', () => {
  const distinct = [...new Map(exchanges.map((exchange) => [JSON.stringify(exchange.messages), exchange])).values()]
  ok(distinct.length > 0.99 * exchanges.length)
  const forwards = askAll(pretendModel(exchanges, 1), equivalent, distinct)
  const backwards = askAll(pretendModel(exchanges, 1), equivalent, distinct.toReversed())
  deepEqual(backwards.toReversed(), forwards)
})

test('asked again, a faithful model says the same in other words', () => {
  const ask = pretendModel(exchanges, 1)
  const [first, second] = [askAll(ask, equivalent), askAll(ask, equivalent)]
  const texts = exchanges.flatMap(({ truth }, index) => (truth.type === 'text' ? [index] : []))
  const reworded = texts.filter((index) => first[index]!.said.text !== second[index]!.said.text)
  ok(reworded.length > texts.length / 2)
  ok(wrongShare(first) < 0.015 && wrongShare(second) < 0.015)
})

test('the subtle model is wrong about one time in eight, in every kind of answer', () => {
  const turns = turnsOf(subtle)
  ok(Math.abs(wrongShare(turns) - 0.12) < 0.03)
  for (const type of ['text', 'label', 'json', 'tool']) {
    ok(exchanges.some((exchange, index) => exchange.truth.type === type && !isRight(turns[index]!.said, exchange)))
  }
})

test('the fenced model is right, but its JSON cannot be parsed', () => {
  const turns = turnsOf(fenced)
  ok(wrongShare(turns) < 0.015)
  for (const [index, { truth }] of exchanges.entries()) {
    if (truth.type === 'json') throws(() => JSON.parse(turns[index]!.said.text), SyntaxError)
  }
})

test('the flaky model fails an eighth of the requests, each time it is asked, and is slow', () => {
  const ask = pretendModel(exchanges, 1)
  const [first, second] = [askAll(ask, flaky), askAll(ask, flaky)]
  const failures = first.map(({ failure }) => failure)
  deepEqual(
    second.map(({ failure }) => failure),
    failures,
  )
  ok(Math.abs(failures.filter((failure) => failure !== null).length / failures.length - 0.12) < 0.03)
  equal(new Set(failures).size, 4)
  const quick = turnsOf(equivalent).map(({ firstPieceMs }) => firstPieceMs)
  const slow = first.map(({ firstPieceMs }) => firstPieceMs)
  ok(median(slow) > 2.2 * median(quick) && median(quick) > 20 && median(quick) < 30)
})

test('a request that is none of the demo’s own gets an answer that says so', () => {
  const messages = [{ role: 'user' as const, content: 'What is the capital of Austria?' }]
  const turn = pretendModel(exchanges, 1)({ ...equivalent, messages })
  ok(/pretend model/.test(turn.said.text))
})
