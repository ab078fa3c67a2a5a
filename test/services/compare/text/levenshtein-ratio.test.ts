import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { levenshteinRatio } from '../../../../services/compare/text/levenshtein-ratio.ts'
import { anyText } from './texts.ts'

/** Least number of characters to leave out and put in, by the textbook's table. */
function edits(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, at) => at)
  for (let at = 0; at < left.length; at++) {
    const next = [at + 1]
    for (let to = 0; to < right.length; to++) {
      next.push(left[at] === right[to] ? row[to]! : 1 + Math.min(row[to + 1]!, next[to]!))
    }
    row = next
  }
  return row[right.length]!
}

test('law: the ratio is that of the textbook’s table', () => {
  fc.assert(
    fc.property(anyText, anyText, (left, right) => {
      const length = left.length + right.length
      equal(levenshteinRatio(left, right), length === 0 ? 1 : (length - edits(left, right)) / length)
    }),
  )
})

test('the ratio has the values that Python’s Levenshtein.ratio publishes', () => {
  equal(levenshteinRatio('Hello world!', 'Holly grail!').toFixed(4), '0.5833')
  equal(levenshteinRatio('Brian', 'Jesus'), 0)
  equal(levenshteinRatio('', ''), 1)
  equal(levenshteinRatio('abc', ''), 0)
})
