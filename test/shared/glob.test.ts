import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { glob } from '../../shared/glob.ts'

for (const [pattern, text, fits] of [
  ['gpt-4o', 'gpt-4o', true],
  ['gpt-4o', 'gpt-4o-mini', false],
  ['gpt-4o*', 'gpt-4o', true],
  ['*', '', true],
  ['*mini', 'gpt-4o-mini', true],
  ['a*b*c', 'aXbYbZc', true],
  ['a*b*c', 'acb', false],
  ['ab*ba', 'aba', false],
  ['a*b*b', 'ab', false],
  ['g.t', 'gpt', false],
] as const) {
  test(`"${pattern}" ${fits ? 'matches' : 'does not match'} "${text}"`, () => equal(glob(pattern)(text), fits))
}

const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })

test('a glob agrees with the regular expression that says the same', () => {
  fc.assert(
    fc.property(patterns, texts, (pattern, text) => {
      equal(glob(pattern)(text), new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text))
    }),
    { numRuns: 2_000 },
  )
})
