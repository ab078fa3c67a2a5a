import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { configJsonSchema, schemasAt } from '../../../shared/config/json-schema.ts'
import { Config } from '../../../shared/config/schema.ts'

test('the schema for editors knows every key of the config and refuses others', () => {
  const schema = configJsonSchema()
  deepEqual(Object.keys(schema.properties ?? {}), Object.keys(Config.shape))
  equal(schema.additionalProperties, false)
  ok(JSON.stringify(schema).includes('draft/2020-12'))
})

test('a path behind a choice of shapes reaches all of them', () => {
  const keys = schemasAt(configJsonSchema(), ['log']).flatMap((node) => Object.keys(node.properties ?? {}))
  deepEqual(keys, ['embedded', 'kafka'])
  equal(schemasAt(configJsonSchema(), ['candidates', 3, 'timeoutMs'])[0]?.type, 'integer')
  deepEqual(schemasAt(configJsonSchema(), ['nowhere', 'at all']), [])
})
