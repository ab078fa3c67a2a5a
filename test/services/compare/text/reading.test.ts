import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { kinds } from '../../../../services/compare/text/characters.ts'
import { lettersIn, readBoth, readOne } from '../../../../services/compare/text/reading.ts'
import { textOf } from '../../../../services/compare/text/vocabulary.ts'
import { anyText as mixedText } from './texts.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 200 })
const tokensOf = (text: string, kind: number): string[] => {
  const { count, starts, ends, kinds: kindOf } = readOne(text)
  return Array.from({ length: count }, (_, token) => token)
    .filter((token) => kindOf[token] === kind)
    .map((token) => text.slice(starts[token], ends[token]))
}

test('letters, digits and numerals are runs, ends of lines and marks stand alone', () => {
  const { count, starts, ends, kinds: kindOf } = readOne('Größe 5½ is\n“ok”.')
  const tokens = Array.from({ length: count }, (_, at) => [
    kindOf[at],
    'Größe 5½ is\n“ok”.'.slice(starts[at], ends[at]),
  ])
  deepEqual(tokens, [
    [kinds.letter, 'Größe'],
    [kinds.digit, '5'],
    [kinds.numeral, '½'],
    [kinds.letter, 'is'],
    [kinds.newline, '\n'],
    [kinds.mark, '“'],
    [kinds.letter, 'ok'],
    [kinds.mark, '”'],
    [kinds.mark, '.'],
  ])
})

test('law: the tokens of a kind are what a regular expression finds', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      deepEqual(tokensOf(text, kinds.letter), text.match(/\p{L}+/gu) ?? [])
      deepEqual(tokensOf(text, kinds.digit), text.match(/\d+/g) ?? [])
    }),
  )
})

test('law: the lower case is that of the whole text, each character at its place', () => {
  const letter = fc.oneof(
    fc.constantFrom('AB', 'z', 'ß', 'Σ', 'σς', 'İ', 'I', '\u212a', 'Ä', '𐐀', 'Ǆ', '5', ' ', '.-', '\u2160'),
    fc.string({ unit: 'grapheme', maxLength: 2 }),
  )
  fc.assert(
    fc.property(fc.array(letter, { maxLength: 40 }), fc.constantFrom(1, 400), (letters, times) => {
      const text = letters.join('').repeat(times)
      const { lower } = readOne(text)
      equal(lower.replaceAll('İ', 'i'), text.replaceAll('İ', 'I').toLowerCase())
      equal(lower.replaceAll(/[^İ]/g, '.'), text.replaceAll(/[^İ]/g, '.'))
    }),
  )
})

test('law: what lies between two tokens is white space', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { count, starts, ends } = readOne(text)
      let before = 0
      for (let token = 0; token < count; token++) {
        ok(/^[\s\ue000-\ue1ff]*$/.test(text.slice(before, starts[token])))
        before = ends[token]!
      }
    }),
  )
})

test('law: letters of ASCII and all others are counted apart, and together are all', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { ascii, others } = lettersIn(readOne(text), 1_000)
      equal(ascii + others, text.match(/\p{L}/gu)?.length ?? 0)
    }),
  )
  deepEqual(lettersIn(readOne('Größe 5 @[`{ Ваш 東京 👍'), 100), { ascii: 3, others: 7 })
  deepEqual(lettersIn(readOne('Größe Ваш'), 3), { ascii: 2, others: 1 })
})

test('law: the lower case stands in place, and a word has the number of what it is in lower case', () => {
  fc.assert(
    fc.property(mixedText, (text) => {
      const { lower, count, kinds: kindOf, starts, ends, words } = readOne(text)
      equal(lower.replaceAll('İ', 'i\u0307'), text.toLowerCase())
      equal(lower.length, text.length)
      for (let token = 0; token < count; token++) {
        const written = lower.slice(starts[token], ends[token])
        if (kindOf[token]! < kinds.newline) equal(textOf(words[token]!), written)
        else equal(words[token], written.charCodeAt(0))
      }
    }),
    { numRuns: 1000 },
  )
})

test('long words that begin alike are told apart', () => {
  const { words } = readOne('international internationale Internationale interna interna\u0000l')
  deepEqual([words[1] === words[2], words[0] === words[1], words[3] === words[4]], [true, false, true])
})

test('law: words of a few letters are told apart by all of them, and known again in any case', () => {
  const word = fc.stringMatching(/^[abyzBZ]{1,14}$/)
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 60 }), (words) => {
      const { words: numbers } = readOne(words.join(' '))
      deepEqual(
        Array.from(numbers, textOf),
        words.map((each) => each.toLowerCase()),
      )
    }),
    { numRuns: 1000 },
  )
})

test('the same word of two texts has the same number, whatever its case', () => {
  const [one, other] = readBoth('Straße nach Rom', 'ROM, STRASSE, straße')
  equal(one.words[0], other.words[4])
  equal(one.words[2], other.words[0])
  equal(textOf(one.words[0]!), 'straße')
})

test('numbers stay right when the vocabulary was full and begins anew', () => {
  const words = Array.from(
    { length: 30_000 },
    (_, at) => `w${at.toString(36).replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)]!)}x`,
  )
  for (let round = 0; round < 4; round++) {
    const text = words
      .map((word) => `${word}${'abcd'[round]}`)
      .join(' ')
      .slice(0, 90_000)
    const [one, other] = readBoth(text, `more ${text}`)
    for (let token = 0; token < one.count; token++) equal(one.words[token], other.words[token + 1])
  }
})
