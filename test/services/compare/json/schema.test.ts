import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { schemaViolation } from '../../../../services/compare/json/schema.ts'
import { decide } from '../../../../services/compare/ladder.ts'
import { soundnessOf } from '../../../../services/compare/soundness.ts'
import { anAnswer, aPair, cpuMsOf } from '../builders.ts'

const schema = {
  type: 'object',
  properties: {
    total: { type: 'number' },
    currency: { enum: ['EUR', 'USD'] },
    lines: { type: 'array', items: { $ref: '#/$defs/line' } },
  },
  required: ['total'],
  $defs: { line: { type: 'object', required: ['sku'] } },
}

test('a value that breaks the schema is told with its place', () => {
  equal(schemaViolation(schema, { total: 1, currency: 'EUR', lines: [{ sku: 'a' }] }), null)
  match(schemaViolation(schema, { total: '1' })!, /^\/total must be number$/)
  match(schemaViolation(schema, {})!, /^the document must have required property 'total'$/)
  match(schemaViolation(schema, { total: 1, lines: [{}] })!, /^\/lines\/0 must have/)
})

test('a schema of any draft, with a name of its own, is read twice', () => {
  const named = { $schema: 'http://json-schema.org/draft-07/schema#', $id: 'https://a.example/x', ...schema }
  match(schemaViolation(named, {})!, /required/)
  match(schemaViolation({ ...named, title: 'x' }, {})!, /required/)
})

test('a schema that is none holds nothing against anybody', () => {
  equal(schemaViolation({ type: 'nothing' }, {}), null)
  equal(schemaViolation({ $ref: 'https://elsewhere.example/schema' }, {}), null)
  equal(schemaViolation({ properties: 7 }, {}), null)
})

test('a regular expression without end in a schema is never run', () => {
  const endless = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } }
  ok(cpuMsOf(() => equal(schemaViolation(endless, { a: `${'a'.repeat(40)}!` }), null)) < 3000)
})

test('an arm that breaks a schema which the served answer keeps is broken; a schema that neither keeps asks nothing', () => {
  const broken = decide(aPair('{"total":1}', '{"total":1,"currency":"euro"}', 'json', schema))
  equal(broken.outcome, 'harmful')
  equal(broken.differences[0]!.kind, 'json_schema')
  equal(decide(aPair('{"currency":"euro"}', '{"currency":"euro","x":1}', 'json', schema)).outcome, 'harmless')
})

test('soundness asks for the schema too', () => {
  const facts = { jsonExpected: true, schema }
  equal(soundnessOf(anAnswer({ text: '{"total":1}' }), facts), 1)
  equal(soundnessOf(anAnswer({ text: '{"total":"1"}' }), facts), 0)
  equal(soundnessOf(anAnswer({ text: '```json\n{"total":1}\n```' }), facts), 0)
})
