import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { chrf } from '../../../../services/compare/text/chrf.ts'
import { anyText, pythonSpaces } from './texts.ts'

const isSpace = (character: string): boolean => pythonSpaces.includes(character) || /[^\S\ufeff]/.test(character)

function countsOf(characters: string[], order: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (let at = 0; at + order <= characters.length; at++) {
    const gram = characters.slice(at, at + order).join('')
    counts.set(gram, (counts.get(gram) ?? 0) + 1)
  }
  return counts
}

/** With the grams as strings. */
function naiveChrf(reference: string, hypothesis: string): number {
  const [left, right] = [reference, hypothesis].map((text) =>
    Array.from(text).filter((character) => !isSpace(character)),
  ) as [string[], string[]]
  const shares: Array<[number, number]> = []
  for (let order = 1; order <= 6 && order <= left.length && order <= right.length; order++) {
    const expected = countsOf(left, order)
    let matched = 0
    for (const [gram, count] of countsOf(right, order)) matched += Math.min(count, expected.get(gram) ?? 0)
    shares.push([matched / (right.length - order + 1), matched / (left.length - order + 1)])
  }
  const mean = (place: 0 | 1): number => shares.reduce((sum, share) => sum + share[place], 0) / shares.length
  const [precision, recall] = [mean(0), mean(1)]
  return precision + recall > 0 ? (5 * precision * recall) / (4 * precision + recall) : 0
}

test('law: chrF is what it is with the grams as strings', () => {
  fc.assert(
    fc.property(anyText, anyText, (reference, hypothesis) => {
      const found = chrf(reference, hypothesis)
      ok(Math.abs(found - naiveChrf(reference, hypothesis)) < 1e-12, String(found))
    }),
    { numRuns: 1000 },
  )
})

test('white space does not count, case and every other character do', () => {
  equal(chrf('返金 は\n3日', '返金は3日'), 1)
  ok(chrf('Not', 'not') < 1)
})
