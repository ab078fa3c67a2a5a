import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { compareFacts } from '../../../../services/compare/facts/compare-facts.ts'
import { readFacts } from '../../../../services/compare/facts/extract.ts'
import { isSame, keptFacts } from '../../../../services/compare/facts/kept-facts.ts'
import { readBoth } from '../../../../services/compare/text/reading.ts'

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
