import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { sharedBigrams } from '../../../../services/compare/text/bigrams.ts'
import { normalWords } from '../../../../services/compare/text/normal-form.ts'
import { tfIdfCosine } from '../../../../services/compare/text/tf-idf.ts'
import { sharedTokens, squadTokens, type TokenPair, wordTokens } from '../../../../services/compare/text/tokens.ts'
import { anyText, pythonSpaces } from './texts.ts'

/** The same word the same number, in the order in which words are first met. */
function numbered(left: readonly string[], right: readonly string[]) {
  const words = [...new Set([...left, ...right])]
  const numbers = (of: readonly string[]): number[] => of.map((word) => words.indexOf(word))
  return { left: numbers(left), right: numbers(right), count: words.length }
}

/** The same of numbers of any kind. */
const plain = ({ left, right }: TokenPair) => numbered([...left].map(String), [...right].map(String))

test('law: ROUGE’s tokens are the runs of ASCII letters and digits in lower case', () => {
  const rouge = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? []
  fc.assert(
    fc.property(anyText, anyText, (left, right) => {
      const pair = wordTokens(left, right)
      deepEqual({ ...pair, left: [...pair.left], right: [...pair.right] }, numbered(rouge(left), rouge(right)))
    }),
    { numRuns: 1000 },
  )
})

/** As the reference program has it, white space and all. */
const squad = (text: string): string[] =>
  Array.from(text.toLowerCase(), (character) => (pythonSpaces.includes(character) ? ' ' : character))
    .join('')
    .replaceAll(/[!-/:-@[-`{-~]/g, '')
    .replaceAll(/(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu, ' ')
    .split(/[^\S\ufeff]+/)
    .filter((word) => word !== '')

test('law: SQuAD’s tokens are those of its normal form', () => {
  fc.assert(
    fc.property(anyText, anyText, (left, right) => {
      deepEqual(plain(squadTokens(left, right)), numbered(squad(left), squad(right)))
      deepEqual(normalWords(left.toLowerCase()), squad(left))
    }),
    { numRuns: 1000 },
  )
})

test('a chunk of several words is one token of SQuAD and several of ROUGE', () => {
  equal(squadTokens('don’t-stop', '').left.length, 1)
  equal(wordTokens('don’t-stop', '').left.length, 3)
  deepEqual(plain(squadTokens('The “a”', '“”')), { left: [0, 1], right: [2], count: 3 })
})

/** Each counted as often as it occurs in both. */
function shared(left: readonly string[], right: readonly string[]): number {
  const rest = [...right]
  return left.filter((item) => {
    const at = rest.indexOf(item)
    if (at !== -1) rest.splice(at, 1)
    return at !== -1
  }).length
}

const count = 6
const items = fc.array(fc.nat(count - 1), { maxLength: 60 })

test('law: shared tokens and shared pairs are counted as often as they occur in both', () => {
  fc.assert(
    fc.property(items, items, (left, right) => {
      const [ours, theirs] = [Int32Array.from(left), Int32Array.from(right)]
      const pairs = (of: number[]): string[] => of.slice(1).map((item, at) => `${of[at]} ${item}`)
      equal(sharedTokens({ left: ours, right: theirs, count }), shared(left.map(String), right.map(String)))
      equal(sharedBigrams(ours, theirs, count), shared(pairs(left), pairs(right)))
    }),
  )
})

test('words are counted by their own numbers, however few the vocabulary has kept since', () => {
  const [left, right] = [Int32Array.of(3_000_000, 7), Int32Array.of(7, 3_000_000)]
  equal(sharedTokens({ left, right, count: 3_000_001 }), 2)
})

test('law: the TF-IDF cosine is that of the two vectors', () => {
  fc.assert(
    fc.property(items, items, (left, right) => {
      fc.pre(left.length > 0 && right.length > 0)
      const words = [...new Set([...left, ...right])]
      const vector = (of: number[]): number[] =>
        words.map((word) => {
          const documents = Number(left.includes(word)) + Number(right.includes(word))
          return of.filter((item) => item === word).length * (1 + Math.log(2 / (1 + documents)))
        })
      const dot = (one: number[], other: number[]): number =>
        one.reduce((sum, value, at) => sum + value * other[at]!, 0)
      const [ours, theirs] = [vector(left), vector(right)]
      const expected = dot(ours, theirs) / Math.sqrt(dot(ours, ours) * dot(theirs, theirs))
      const found = tfIdfCosine({ left: Int32Array.from(left), right: Int32Array.from(right), count })
      equal(found.toFixed(12), Math.min(1, expected).toFixed(12))
    }),
  )
})
