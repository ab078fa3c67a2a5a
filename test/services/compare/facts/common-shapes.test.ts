import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert, constantFrom, oneof, property, string } from 'fast-check'
import { noMatch, unsure } from '../../../../services/compare/facts/common-shapes.ts'
import { rules } from '../../../../services/compare/facts/rules.ts'

const fragments = [
  '€|$| €|£|US$|5|12|2026|0.50|1,299|1 000|1.2.3|.|,|:|-|−|(|)|/|%|x|_',
  'days|day|km|km/h|m2|m²|h|s|min|degrees celsius|square metres|grad|business days|working|more|full days|ſ|K',
  '年|月|日|円|時|時間|午後|分|万|天|元|공|원|년|\u3000|of|10|2026',
  'a|an|one|per|week|month|hours| a half| and a half|A|Per|_|week',
  'weekend|weekdays|Monday|sunday|zondag|1.|2)|\n3. |k|thousand|million|Mio|bn|m|t|b|but|to|March|march|Mar.|Sept|may|of May|2026|th|é|’|円',
].flatMap((line) => line.split('|'))
const fragment = oneof(
  { weight: 8, arbitrary: constantFrom(...fragments) },
  { weight: 6, arbitrary: constantFrom(' ', ' ', '  ', '\n', '\t', '\u00a0', '.', ', ') },
  { weight: 1, arbitrary: string({ unit: 'grapheme', maxLength: 3 }) },
)
const texts = array(fragment, { minLength: 1, maxLength: 10 }).map((parts) => parts.join(''))

test('what is told without a pattern is what the pattern matches, in its text and by itself', () => {
  let told = 0
  assert(
    property(texts, (text) => {
      const units = Uint16Array.from([...text.split('').map((each) => each.charCodeAt(0)), 0])
      for (const { pattern, common, read } of rules) {
        if (common === undefined) continue
        const matchAt = (where: string, index: number): string[] => {
          pattern.lastIndex = index
          return Array.from(pattern.exec(where) ?? [])
        }
        for (let index = 0; index < text.length; index++) {
          const end: number = common({ text, units }, index)
          if (end === unsure) continue
          told++
          const match = matchAt(text, index)
          const written: string | undefined = end === noMatch ? undefined : text.slice(index, end)
          equal(match[0], written, `at ${index} in ${JSON.stringify(text)}`)
          if (written !== undefined && read.length > 0) deepEqual(matchAt(written, 0), match)
        }
      }
    }),
    { numRuns: 10_000 },
  )
  ok(told > 1_000, 'the common shapes are met')
})
