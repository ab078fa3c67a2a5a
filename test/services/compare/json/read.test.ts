import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isValidJson, readJsonText } from '../../../../services/compare/json/read.ts'

const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 })
const document = fc.tuple(space, fc.json({ maxDepth: 3 }), space).map((parts) => parts.join(''))
const beginnings = fc.constantFrom('\u00a0', '\ufeff', '+1', '.5', '-', '-1', 'N', 'true', 'nul', 'x', '`', "'", '/')
const almost = fc.tuple(beginnings, fc.oneof(document, fc.constant(''))).map((parts) => parts.join(''))
const texts = fc.oneof(document, almost, fc.string({ maxLength: 8 }))

function isParsed(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('law: what JSON.parse takes is read, and nothing else', () => {
  fc.assert(
    fc.property(texts, (text) => {
      equal(isValidJson(text), isParsed(text))
      equal(readJsonText(text)?.form ?? null, isParsed(text) ? 'strict' : null)
    }),
    { numRuns: 3_000 },
  )
})
