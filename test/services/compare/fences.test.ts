import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { decide } from '../../../services/compare/ladder.ts'
import { aPair } from './builders.ts'

const decided = (served: string, arm: string) => {
  const { outcome, decidedBy, differences } = decide(aPair(served, arm))
  return [outcome, decidedBy, differences[0]?.kind]
}
const sql = 'SELECT id FROM orders WHERE paid = 0;'
const fenced = (code: string) => `\`\`\`sql\n${code}\n\`\`\``

test('a fence around the whole answer, there or gone, is for whoever knows who reads it', () => {
  deepEqual(decided(sql, fenced(sql)), ['unsure', 'text', 'fence'])
  deepEqual(decided(fenced(sql), sql), ['unsure', 'text', 'fence'])
})

test('fences in both answers, or within text, are no such difference', () => {
  equal(decided(fenced(sql), fenced(sql).replace('sql', 'SQL'))[2], undefined)
  equal(decided(`Use this:\n${fenced(sql)}`, `Use this:\n${fenced(sql).replace('sql', '')}`)[2], undefined)
})

test('a code block that is not closed breaks the answer, unless the served one has it too', () => {
  const open = `Use this:\n\`\`\`sql\n${sql}\nIt lists what is not paid.`
  deepEqual(decided(`Use this:\n${fenced(sql)}\nIt lists what is not paid.`, open), ['harmful', 'format', 'fence_open'])
  equal(decided(open, `${open} `)[2], undefined)
})
