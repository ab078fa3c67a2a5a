import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { isRecursive, isStrictSchema, relaxSchema, widthOf } from '../../../shared/dialects/schema.ts'
import { refusalOf } from '../../support/strict/refusal.ts'
import { ask, carried, chat, chatBody, messages, messagesBody } from './asking.ts'

const haiku = { dialect: messages, model: 'claude-haiku-4-5' } as const
const asFormat = (schema: JsonObject) =>
  chatBody({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } })

test('a schema becomes wider, never narrower, where the decoder refuses a keyword', () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      // A property may have the name of a keyword.
      pattern: { type: 'string', pattern: '^a', format: 'email', maxLength: 5 },
      day: { type: 'string', format: 'date-span' },
      not: { not: { type: 'string' }, type: ['string', 'null'] },
      kind: { enum: ['a', null, 1] },
      shape: { enum: [{ a: 1 }] },
      many: { type: 'array', items: { type: 'number' }, minItems: 2, contains: { const: 1 } },
      some: { type: 'array', items: { oneOf: [{ type: 'number' }, { type: 'string' }] }, minItems: 1 },
    },
    required: ['pattern'],
    dependentRequired: { day: ['kind'] },
  }
  const relaxed = relaxSchema(schema)
  deepEqual(relaxed, {
    type: 'object',
    properties: {
      pattern: { type: 'string', format: 'email' },
      day: { type: 'string' },
      not: { type: ['string', 'null'] },
      kind: { enum: ['a', null, 1] },
      shape: {},
      many: { type: 'array', items: { type: 'number' } },
      some: { type: 'array', items: { anyOf: [{ type: 'number' }, { type: 'string' }] }, minItems: 1 },
    },
    required: ['pattern'],
    additionalProperties: false,
  })
  const { body, headers } = carried(chat, asFormat(schema), haiku)
  equal(refusalOf(messages, body, headers), null)
})

test('keys by a pattern are free keys: to close the object is a loss that matters', () => {
  equal(widthOf({ type: 'object', properties: {}, patternProperties: { '^x': {} } }), 'open')
})

test('OpenAI is not asked to be strict by a schema it refuses to be strict with', () => {
  const closed = (more: JsonObject) => ({
    type: 'object',
    properties: { a: { type: 'string', ...more } },
    required: ['a'],
    additionalProperties: false,
  })
  equal(isStrictSchema(closed({ pattern: '^a', description: 'x' })), true)
  for (const more of [{ minLength: 1 }, { oneOf: [{ type: 'string' }] }, { allOf: [{ type: 'string' }] }]) {
    equal(isStrictSchema(closed(more)), false, JSON.stringify(more))
    const config = { format: { type: 'json_schema', schema: closed(more) } }
    const { body } = carried(messages, messagesBody({ output_config: config }), { dialect: chat, model: 'gpt-4o' })
    equal(refusalOf(chat, body), null)
  }
  equal(isStrictSchema({ type: 'array', items: closed({}) }), false)
  equal(isStrictSchema({ ...closed({}), properties: { a: { type: 'object', properties: {} } } }), false)
})

test('a schema that holds itself is told from one that only uses a part twice', () => {
  const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' } } }
  const list = { type: 'object', properties: { head: { $ref: '#/$defs/node' } }, $defs: { node } }
  const leaf = { type: 'string' }
  const twice = {
    type: 'object',
    properties: { a: { $ref: '#/$defs/leaf' }, b: { $ref: '#/$defs/leaf' } },
    $defs: { leaf },
  }
  equal(isRecursive(list), true)
  equal(isRecursive({ type: 'array', items: { $ref: '#' } }), true)
  equal(isRecursive(twice), false)
  equal(isRecursive({ properties: { a: { $ref: 'https://x.test/schema' }, b: { $ref: '#/nowhere' } } }), false)
  const chain = Array.from({ length: 50_000 }, (_, at): [string, JsonObject] => [
    `n${at}`,
    { $ref: `#/$defs/n${at + 1}` },
  ])
  equal(isRecursive({ $ref: '#/$defs/n0', $defs: Object.fromEntries(chain) }), true)
  const translation = ask(chat, asFormat(list), haiku)
  equal(translation.ok ? 'ok' : translation.reason, 'untranslatable')
})
