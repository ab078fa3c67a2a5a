import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { compareFacts } from '../../../../services/compare/facts/compare-facts.ts'
import { readFacts } from '../../../../services/compare/facts/extract.ts'
import { isSame, keptFacts } from '../../../../services/compare/facts/kept-facts.ts'
import { readBoth, readOne } from '../../../../services/compare/text/reading.ts'
import { textOf, wordCount } from '../../../../services/compare/text/vocabulary.ts'

test('law: a fact is kept where one of the other text is the same, each held against each', () => {
  const said = fc.constantFrom(
    ...'€12|12 EUR|12|1.299|1299|1,299 USD|5 days|120 hours|5|four|a week|7 days|B-12|3 May|5/3/26'.split('|'),
  )
  const text = fc.array(said, { maxLength: 8 }).map((facts) => facts.join(' and '))
  fc.assert(
    fc.property(text, text, (served, arm) => {
      const [left, right] = readBoth(served, arm).map((reading) => readFacts(reading).facts)
      const certain = left!.filter(({ isWeak, kind }) => !isWeak && kind !== 'answer')
      const kept = certain.filter((fact) => right!.some((other) => isSame(fact, other)))
      const { servedCount, keptCount } = keptFacts(...readBoth(served, arm))
      deepEqual([servedCount, keptCount], [certain.length, kept.length])
      const compared = compareFacts(served, arm)
      deepEqual([compared.servedCount, compared.keptCount], [certain.length, kept.length])
    }),
    { numRuns: 1000 },
  )
})

test('what was read before is read anew when the words that it is told by were forgotten', () => {
  const numberOf = () => textOf(readFacts(readOne('That is €12.50.')).facts[0]!.numberKeys[0]!)
  equal(numberOf(), '12.5')
  const known = wordCount()
  let next = 0
  const newWords = () => Array.from({ length: 8_000 }, () => `w${next++}x`).join(' ')
  for (let text = 0; text < 10 && wordCount() >= known; text++) readOne(newWords())
  ok(wordCount() < 50_000, 'the vocabulary was emptied')
  equal(numberOf(), '12.5')
})
