import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { compareSet } from '../../../../services/compare/compare.ts'
import { decide } from '../../../../services/compare/ladder.ts'
import { pairOf } from '../../../../services/compare/pair.ts'
import { coveringOf, readyWaivers } from '../../../../services/compare/waivers/covering.ts'
import { ladderAlone } from '../../../../services/compare/terms.ts'
import { type Answer } from '../../../../shared/contracts/answer.ts'
import { type Task } from '../../../../shared/contracts/exchange.ts'
import { type WaiverConfig } from '../../../../shared/config/schema.ts'
import { waiverId } from '../../../../shared/config/waivers.ts'
import { aCall, aControl, anAnswer, anObservation, aSet } from '../builders.ts'

const at = new Date('2026-11-27T12:00:00Z')
const aWaiver = (rest: Partial<WaiverConfig>): WaiverConfig => ({
  reason: 'agreed',
  author: 'ana',
  expires: '2027-01-31',
  ...rest,
})

/** The pair's ruling under the waivers. */
function ruled(served: string | Partial<Answer>, arm: string | Partial<Answer>, task: Task, waivers: WaiverConfig[]) {
  const covering = coveringOf(readyWaivers(waivers), { route: 'support', arm: 'small', at })
  const [left, right] = [served, arm].map((each) => anAnswer(typeof each === 'string' ? { text: each } : each))
  return decide(pairOf({ task, jsonExpected: task === 'json', schema: null, covering, served: left!, arm: right! }))
}

const invoice = '{"total":12,"id":"a","note":"x"}'

test('a waived field counts as one that agrees, and the others as before', () => {
  const waiver = aWaiver({ rung: 'json', path: '/id' })
  const [one, two] = ['{"total":12,"id":"b","note":"x"}', '{"total":13,"id":"b","note":"x"}'].map((arm) =>
    ruled(invoice, arm, 'json', [waiver]),
  )

  deepEqual([one!.quality, one!.outcome, one!.waived], [1, 'harmless', [waiverId(waiver)]])
  deepEqual([two!.quality, two!.outcome, two!.decidedBy], [2 / 3, 'harmful', 'json'])
  deepEqual(
    two!.differences.map(({ path, waivedBy }) => [path, waivedBy]),
    [
      ['/total', undefined],
      ['/id', waiverId(waiver)],
    ],
  )
})

test('a star in the path reaches every element, also beyond those that a report lists', () => {
  const list = (price: number) => JSON.stringify(Array.from({ length: 200 }, (_, id) => ({ id, price: price + id })))
  const waived = ruled(list(1), list(1_000), 'json', [aWaiver({ path: '/*/price' })])

  deepEqual([waived.quality, waived.outcome], [1, 'harmless'])
  equal(waived.differences.length, 20)
})

test('waived elements and fields, missing, added or filled, leave the quality of the rest', () => {
  const waivers = [aWaiver({ path: '/tags*' })]

  for (const [served, arm] of [
    ['{"a":1,"tags":["x"]}', '{"a":1}'],
    ['{"a":1,"tags":["x"]}', '{"a":1,"tags":["x","y","z"]}'],
    ['{"a":1,"tags":[]}', '{"a":1,"tags":["x","y"]}'],
    ['{"a":1,"tags":{"b":[1,2]}}', '{"a":1,"tags":7}'],
  ] as const) {
    equal(ruled(served, arm, 'json', waivers).quality, 1, arm)
    equal(ruled(served, arm.replace('"a":1', '"a":2'), 'json', waivers).outcome, 'harmful', arm)
    ok(ruled(served, arm, 'json', []).quality < 1, arm)
  }
})

test('a waiver of every difference makes any two documents agree, and one of none changes nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
      const [served, arm] = [JSON.stringify({ left }), JSON.stringify({ left: right })]
      const plain = ruled(served, arm, 'json', [])
      deepEqual(ruled(served, arm, 'json', [aWaiver({ path: '/other' })]).quality, plain.quality)
      equal(ruled(served, arm, 'json', [aWaiver({ rung: 'json' })]).quality, 1)
      const one = ruled(served, arm, 'json', [aWaiver({ path: '/left/*' })]).quality
      ok(one >= plain.quality && one <= 1)
    }),
  )
})

test('fenced JSON that is waived is compared field by field all the same', () => {
  const waivers = [aWaiver({ rung: 'format', pattern: 'fenced JSON' })]
  const fenced = (text: string) => '```json\n' + text + '\n```'

  deepEqual(
    [ruled(invoice, fenced(invoice), 'json', waivers).quality, ruled(invoice, fenced(invoice), 'json', []).quality],
    [1, 0],
  )
  const other = ruled(invoice, fenced('{"total":13,"id":"a","note":"x"}'), 'json', waivers)
  deepEqual([other.quality, other.decidedBy, other.waived.length], [2 / 3, 'json', 1])
})

test('a refusal that is waived leaves nothing to compare: the pair agrees', () => {
  const refused = anAnswer({ text: '', refusalText: 'I cannot help with that.', outcome: 'refused' })
  const served = 'Take two tablets of 500 mg a day.'

  equal(ruled(served, refused, 'text', []).quality, 0)
  const waived = ruled(served, refused, 'text', [aWaiver({ rung: 'refusal', pattern: 'the arm refused' })])
  deepEqual([waived.quality, waived.decidedBy, waived.outcome], [1, 'refusal', 'harmless'])
})

test('of facts, one that is not waived keeps its weight: a contradiction is still worth nothing', () => {
  const [served, arm] = ['It costs 49 EUR and takes 5 days.', 'It costs 59 EUR and takes 5 days. It ships 3 May 2027.']
  const [amount, date] = [
    aWaiver({ rung: 'facts', pattern: 'amount' }),
    aWaiver({ rung: 'facts', pattern: 'date|year' }),
  ]

  equal(ruled(served, arm, 'text', [date]).quality, 0)
  const left = ruled(served, arm, 'text', [amount])
  ok(left.quality > 0 && left.quality < 1)
  equal(ruled(served, arm, 'text', [amount, date]).quality, 1)
})

test('a waived argument or call of a tool is as if it were not different', () => {
  const served = { text: '', toolCalls: [aCall('book', { day: 'Monday', seat: '4A' })] }
  const arm = { text: '', toolCalls: [aCall('book', { day: 'Monday', seat: '4B' }), aCall('notify', {})] }
  const [seat, call] = [aWaiver({ rung: 'tools', path: '/seat' }), aWaiver({ rung: 'tools', pattern: 'called notify' })]

  equal(ruled(served, arm, 'tools', [seat, call]).quality, 1)
  deepEqual(ruled(served, arm, 'tools', [seat]).quality, 2 / 3)
  deepEqual(ruled(served, arm, 'tools', [call]).quality, 0.5)
  equal(ruled(served, { text: 'no', toolCalls: [] }, 'tools', [aWaiver({ rung: 'tools' })]).quality, 1)
})

test('a label, another language and sentences that say another thing can be waived', () => {
  equal(ruled('refund', 'exchange', 'label', [aWaiver({ rung: 'label', pattern: '^exchange$' })]).quality, 1)
  equal(ruled('refund', 'spam', 'label', [aWaiver({ rung: 'label', pattern: '^exchange$' })]).quality, 0)
  const [served, arm] = ['You can always return it.', 'You can never return it.']
  equal(ruled(served, arm, 'text', []).quality, 0)
  equal(ruled(served, arm, 'text', [aWaiver({ pattern: 'return it' })]).quality, 1)
})

test('a waiver speaks of its route, its arm and its time only', () => {
  const applies = (rest: Partial<WaiverConfig>) =>
    coveringOf(readyWaivers([aWaiver({ rung: 'json', ...rest })]), { route: 'support', arm: 'small', at }) !== null

  deepEqual(
    [
      applies({}),
      applies({ route: 'support', arm: 'small' }),
      applies({ route: 'invoice' }),
      applies({ arm: 'control' }),
      applies({ expires: '2026-11-27' }),
      applies({ expires: '2026-11-26' }),
    ],
    [true, true, false, false, true, false],
  )
})

test('a waiver raises quality and says so; divergence, errors and failures stay what they are', () => {
  const served = { answer: anAnswer({ text: invoice }) }
  const arm = anAnswer({ text: invoice.replace('"a"', '"b"') })
  const set = aSet({
    served,
    observations: [
      aControl({ answer: arm }),
      anObservation({ answer: arm }),
      anObservation({ arm: 'other', outcome: 'failed', failureKind: 'timeout', answer: null }),
    ],
  })
  const waiver = aWaiver({ path: '/id', arm: 'small' })
  const plain = compareSet(set, at)
  const waived = compareSet(set, at, {
    ...ladderAlone,
    waivers: readyWaivers([waiver, aWaiver({ pattern: 'timeout' })]),
  })

  deepEqual(
    waived.map(({ arm, outcome, measured, waived }) => [arm, outcome, measured!.quality, waived]),
    [
      ['control', 'different', 2 / 3, []],
      ['small', 'equivalent', 1, [waiverId(waiver)]],
      ['other', 'failed', 0, []],
    ],
  )
  deepEqual(
    waived.map(({ measured }) => [measured!.divergence, measured!.error]),
    plain.map(({ measured }) => [measured!.divergence, measured!.error]),
  )
  equal(waived[1]!.differences[0]!.waivedBy, waiverId(waiver))
})

test('the version tells waivers in force, not their order, reasons or those that are over', () => {
  const versionOf = (...waivers: WaiverConfig[]) =>
    compareSet(aSet(), at, { ...ladderAlone, waivers: readyWaivers(waivers) })[0]!.scorerVersion
  const [a, b] = [aWaiver({ path: '/a' }), aWaiver({ path: '/b' })]

  equal(versionOf(a, b), versionOf(b, { ...a, reason: 'other', expires: '2028-01-01' }))
  equal(versionOf({ ...a, expires: '2026-01-01' }), versionOf())
  equal(new Set([versionOf(), versionOf(a), versionOf(b), versionOf(a, b)]).size, 4)
})
