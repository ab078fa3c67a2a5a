import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { normalizedExact } from '../../../../services/compare/scorers/exact.ts'
import { scorers, scoresOf, slowScorers } from '../../../../services/compare/scorers/index.ts'
import { aCall, anAnswer, aPair } from '../builders.ts'

const words = fc.constantFrom(
  'You',
  'must',
  'not',
  'the',
  'a',
  'restart',
  '49 EUR',
  'été',
  '返金',
  '{"a":',
  '1',
  '}',
  '!',
  '\ud800',
  '\n',
)
const aText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(words).map((parts) => parts.join(' ')),
)
const aTask = fc.constantFrom('text' as const, 'label' as const, 'json' as const, 'tools' as const)
const someCalls = fc.array(
  fc.record({
    name: fc.constantFrom('find', 'refund'),
    args: fc.dictionary(fc.string({ maxLength: 3 }), fc.integer()),
  }),
  { maxLength: 3 },
)
const anyAnswer = fc
  .record({ text: aText, calls: someCalls })
  .map(({ text, calls }) => anAnswer({ text, toolCalls: calls.map(({ name, args }) => aCall(name, args)) }))

for (const { name, score, isSymmetric } of [...scorers, ...slowScorers]) {
  test(`${name}: an answer is equivalent to itself`, () => {
    fc.assert(
      fc.property(anyAnswer, aTask, (answer, task) => {
        const value = score(aPair(answer, structuredClone(answer), task))
        // ROUGE of no words at all is 0 by definition.
        const isWordless = name.startsWith('rouge') && !/[a-z0-9]/i.test(answer.text)
        const hasOneWord = name === 'rouge_2' && (answer.text.match(/[a-z0-9]+/gi)?.length ?? 0) < 2
        const isBlank = ['bleu', 'chrf'].includes(name) && !/\S/.test(answer.text)
        if (value !== null && !isWordless && !hasOneWord && !isBlank) ok(Math.abs(value - 1) < 1e-12, String(value))
      }),
    )
  })

  test(`${name}: stays in [0, 1]${isSymmetric ? ' and is the same both ways round' : ''}`, () => {
    fc.assert(
      fc.property(anyAnswer, anyAnswer, aTask, (left, right, task) => {
        const value = score(aPair(left, right, task))
        ok(value === null || (value >= 0 && value <= 1))
        if (isSymmetric && value !== null) {
          const back = score(aPair(right, left, task))
          ok(back !== null && Math.abs(back - value) < 1e-12)
        }
      }),
    )
  })
}

test('names are unique, so that no score hides another', () => {
  equal(new Set(scorers.map(({ name }) => name)).size, scorers.length)
})

test('the demonstration sentence: every lexical score likes the dangerous answer', () => {
  const scores = scoresOf(
    aPair('You must not restart the device during the update.', 'You must restart the device during the update.'),
  )
  equal(scores['token_f1']!.toFixed(3), '0.923')
  equal(scores['rouge_l']!.toFixed(3), '0.941')
})

const f1 = (served: string, arm: string): number => scoresOf(aPair(served, arm))['token_f1']!

test('SQuAD’s F1: articles, case and ASCII punctuation do not count, words inside other words stay', () => {
  equal(
    f1(
      'While it is updating, please leave the machine switched on and do not reboot it.',
      'You must not restart the device during the update.',
    ).toFixed(3),
    '0.095',
  )
  equal(f1('The cat.', 'a CAT'), 1)
  equal(f1('théâtre', 'the théâtre'), 1)
  deepEqual([f1('', 'the'), f1('', 'cat'), f1('cat', '')], [1, 0, 0])
})

const similarity = (served: string, arm: string) => scoresOf(aPair(served, arm, 'label'))['jaro_winkler']

test('Jaro-Winkler has the published values, and is left out for long texts', () => {
  equal(similarity('MARTHA', 'MARHTA')!.toFixed(4), '0.9611')
  equal(similarity('DIXON', 'DICKSONX')!.toFixed(4), '0.8133')
  equal(similarity('x'.repeat(300), 'y'), undefined)
})

const names = (pair: ReturnType<typeof aPair>): string[] => Object.keys(scoresOf(pair)).toSorted()

test('each task has the scores that say something about it', () => {
  deepEqual(names(aPair('{"a":1}', '{"a":2}', 'json')), ['exact', 'json_fields'])
  deepEqual(names(aPair({ toolCalls: [aCall('find', {})] }, 'no', 'tools')), ['exact', 'tool_f1'])
  deepEqual(names(aPair({ toolCalls: [aCall('find', {})] }, { toolCalls: [aCall('find', {})] }, 'tools')), [
    'argument_accuracy',
    'exact',
    'tool_f1',
  ])
  deepEqual(names(aPair('49 EUR', '50 EUR')), [
    'exact',
    'facts_kept',
    'jaro_winkler',
    'levenshtein_ratio',
    'normalized_exact',
    'rouge_1',
    'rouge_2',
    'rouge_l',
    'tf_idf_cosine',
    'token_f1',
  ])
  deepEqual(names(aPair('返金です', '返金')), [
    'chrf',
    'exact',
    'jaro_winkler',
    'levenshtein_ratio',
    'normalized_exact',
    'token_f1',
  ])
})

test('texts that differ only far behind their beginning are not the same in words', () => {
  const long = 'so '.repeat(12_000)
  equal(normalizedExact.score(aPair(`${long}yes.`, `The ${long}YES`)), 1)
  equal(normalizedExact.score(aPair(`${long}yes.`, `The ${long}no`)), 0)
})

test('the share of facts kept counts the served text’s facts', () => {
  equal(scoresOf(aPair('It costs 49 EUR and takes 5 days.', 'It costs 49 EUR.'))['facts_kept'], 1 / 2)
})
