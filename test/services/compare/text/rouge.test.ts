import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { cpuMsOf } from '../builders.ts'
import { chrf } from '../../../../services/compare/text/chrf.ts'
import { lcsLength } from '../../../../services/compare/text/lcs.ts'
import { rougeOf } from '../../../../services/compare/text/rouge.ts'
import { maxTokens } from '../../../../services/compare/text/scored-words.ts'
import { wordTokens } from '../../../../services/compare/text/tokens.ts'

const reference = 'You must not restart the device during the update.'
const dangerous = 'You must restart the device during the update.'
const paraphrase = 'While it is updating, please leave the machine switched on and do not reboot it.'

const near = (actual: number, expected: number, digits: number): void =>
  ok(Math.abs(actual - expected) < 0.5 * 10 ** -digits, `${actual} is not ${expected}`)

test('ROUGE-L and chrF of the demonstration sentence have the published values', () => {
  near(rougeOf(reference, dangerous)!.rougeL, 0.941, 3)
  near(rougeOf(reference, paraphrase)!.rougeL, 0.083, 3)
  near(chrf(reference, dangerous), 0.894, 3)
  near(chrf(reference, paraphrase), 0.239, 3)
})

test('ROUGE-1 and ROUGE-2 clip repeated words to what the other side has', () => {
  // rouge_score: 'the the the' against 'the cat the': 2 shared words, no shared pair.
  deepEqual(rougeOf('the cat the', 'the the the'), { rouge1: 2 / 3, rouge2: 0, rougeL: 2 / 3 })
  equal(rougeOf('police killed the gunman', 'police kill the gunman')!.rouge2, 1 / 3)
})

test('a text without words has nothing in common with one that has some', () => {
  deepEqual(rougeOf('', 'hello'), { rouge1: 0, rouge2: 0, rougeL: 0 })
})

test('ROUGE does not apply where its tokens would drop more than half of the letters', () => {
  equal(rougeOf('返金は3日以内です', '返金は5日以内です'), null)
  equal(rougeOf('Das kostet viel', 'Возврат в течение 3 дней'), null)
  ok(rougeOf('Größe für Übung', 'Größe für Übung'))
})

test('chrF tells Japanese sentences apart', () => {
  equal(chrf('返金は3日以内です', '返金は3日以内です'), 1)
  const f = chrf('返金は3日以内です', '返金は5日以内です')
  ok(f > 0.3 && f < 1)
})

/** The textbook's table. */
function slowLcs(left: number[], right: number[]): number {
  let row = right.map(() => 0)
  for (const item of left) {
    const next: number[] = []
    for (const [at, other] of right.entries()) {
      next.push(item === other ? (row[at - 1] ?? 0) + 1 : Math.max(row[at]!, next[at - 1] ?? 0))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

test('the bit-parallel LCS equals the textbook’s table, across word boundaries too', () => {
  const items = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 150 })
  fc.assert(
    fc.property(items, items, (left, right) => {
      equal(lcsLength(Int32Array.from(left), Int32Array.from(right), 5), slowLcs(left, right))
    }),
  )
})

test('a carry runs through every word of a long row', () => {
  const left = new Int32Array(1000).fill(1)
  equal(lcsLength(Int32Array.from([0, ...left, 2]), Int32Array.from([3, ...left, 4]), 5), 1000)
  const zigzag = Int32Array.from({ length: 999 }, (_, at) => at % 2)
  equal(
    lcsLength(
      zigzag,
      zigzag.toReversed().map((item) => 1 - item),
      2,
    ),
    slowLcs([...zigzag], [...zigzag].map((item) => 1 - item).toReversed()),
  )
})

const numbers = (left: string, right: string): number[][] => {
  const tokens = wordTokens(left, right)
  return [[...tokens.left], [...tokens.right]]
}

test('the same word is the same number, and no other is', () => {
  deepEqual(numbers('a b-A', 'B c'), [
    [0, 1, 0],
    [1, 2],
  ])
  deepEqual(numbers('constructor toString', 'constructor'), [[0, 1], [0]])
  const words = Array.from({ length: 5000 }, (_, at) => `w${at}`)
  equal(new Set(numbers(words.join(' '), '')[0]).size, 5000)
})

test('a ten-megabyte answer is scored by its beginning, in bounded time', () => {
  const long = 'lorem ipsum dolor sit amet '.repeat(400_000)

  const cpuMs = cpuMsOf(() => {
    equal(wordTokens(long, '').left.length, maxTokens)
    ok(rougeOf(long, `other words ${long}`)!.rougeL > 0.9)
    ok(chrf(long, `other ${long}`) > 0.9)
  })

  ok(cpuMs < 3000, `${cpuMs} ms`)
})
