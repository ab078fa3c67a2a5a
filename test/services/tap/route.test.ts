import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createRoutes, glob } from '../../../services/tap/route.ts'

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

test('all conditions of a route must hold, and the query is no part of the path', () => {
  const match = { upstream: 'openai', model: 'm', path: '*/completions', headers: { 'X-Team': 'blue' } }
  const routes = createRoutes([{ name: 'all', match }])
  const subject = { upstream: 'openai', model: 'm', path: '/v1/chat/completions?a=b', headers: { 'x-team': 'blue' } }

  equal(routes.match(subject).route, 'all')
  for (const other of [{ upstream: 'x' }, { model: null }, { path: '/v1/x?/completions' }, { headers: {} }]) {
    equal(routes.match({ ...subject, ...other }).route, 'default')
  }
})
