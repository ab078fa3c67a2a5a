import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { isTooDeep } from '../../../shared/dialects/json.ts'

const maxSchemaChars = 100_000
const maxKept = 64

/**
 * Schemas come from whoever sent the request. Their regular expressions are not run, because one that never ends would hold
 * up all traffic: `pattern` and `patternProperties` always hold. References to other documents are not followed.
 */
const anything = Object.assign(() => ({ test: () => true }), { code: '() => ({ test: () => true })' })
const kept = new Map<string, ValidateFunction | null>()

/**
 * Where and how a value breaks the JSON Schema that was asked for; null where it does not, where it is too deep, or where the
 * schema is none that can be compiled.
 */
export function schemaViolation(schema: JsonObject, value: Json): string | null {
  const validate = compiled(JSON.stringify(schema))
  // A schema may call itself, as deep as the value goes.
  if (validate === null || isTooDeep(value) || validate(value)) return null
  const [first] = validate.errors ?? []
  return first === undefined ? 'invalid' : `${first.instancePath || 'the document'} ${first.message ?? first.keyword}`
}

function compiled(text: string): ValidateFunction | null {
  if (text.length > maxSchemaChars) return null
  const known = kept.get(text)
  if (known !== undefined) return known
  if (kept.size >= maxKept) kept.delete(kept.keys().next().value!)
  const made = compile(text)
  kept.set(text, made)
  return made
}

function compile(text: string): ValidateFunction | null {
  // One for each schema, because it keeps every name that it has met.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false, code: { regExp: anything } })
  const { $schema: _draft, $id: _name, ...schema } = JSON.parse(text) as JsonObject
  try {
    return ajv.compile(schema)
  } catch {
    return null
  }
}
