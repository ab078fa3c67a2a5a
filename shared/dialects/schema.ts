import { type Json, type JsonObject } from './dialect.ts'
import { isObject, list } from './json.ts'

/** Keywords constrained decoding of Anthropic does not take; `minItems` only above 1. */
const refused = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
])
/** Keywords whose value is a map from names to schemas: the names are not keywords. */
const maps = new Set(['properties', '$defs', 'definitions', 'patternProperties'])
/** Keywords whose value is data, not a schema. */
const values = new Set(['enum', 'const', 'default', 'examples', 'required'])

/**
 * The schema as far as the decoder can hold the model to it. Only ever wider than the original, by which the answer is
 * still to be validated; objects are closed because the decoder demands it.
 */
export function relaxSchema(schema: JsonObject): JsonObject {
  const entries = Object.entries(schema).flatMap(([key, value]): [string, Json][] => {
    if (refused.has(key) || (key === 'minItems' && typeof value === 'number' && value > 1)) return []
    if (key === 'oneOf') return [['anyOf', relaxValue(value)]]
    if (values.has(key)) return [[key, value]]
    return [[key, maps.has(key) && isObject(value) ? relaxMap(value) : relaxValue(value)]]
  })
  const relaxed = Object.fromEntries(entries)
  const isObjectSchema = schema['type'] === 'object' || Object.hasOwn(schema, 'properties')
  return isObjectSchema ? { ...relaxed, additionalProperties: false } : relaxed
}

function relaxMap(map: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, relaxValue(value)]))
}

function relaxValue(value: Json): Json {
  if (Array.isArray(value)) return value.map(relaxValue)
  return isObject(value) ? relaxSchema(value) : value
}

/** May OpenAI be asked to hold the model to this schema strictly: every object closed, every property required? */
export function isStrictSchema(schema: Json): boolean {
  if (Array.isArray(schema)) return schema.every(isStrictSchema)
  if (!isObject(schema)) return true
  return isClosed(schema) && Object.entries(schema).every(([key, value]) => isStrictMember(key, value))
}

function isStrictMember(key: string, value: Json): boolean {
  if (values.has(key)) return true
  return maps.has(key) && isObject(value) ? Object.values(value).every(isStrictSchema) : isStrictSchema(value)
}

function isClosed(schema: JsonObject): boolean {
  if (schema['type'] !== 'object' && !isObject(schema['properties'])) return true
  const required = new Set(list(schema['required']))
  const names = isObject(schema['properties']) ? Object.keys(schema['properties']) : []
  return schema['additionalProperties'] === false && names.every((name) => required.has(name))
}

/** `open`: somewhere an object is meant to hold keys the schema does not name, which the decoder would forbid. */
export function widthOf(schema: Json): 'open' | 'closed' {
  if (Array.isArray(schema)) return schema.some((each) => widthOf(each) === 'open') ? 'open' : 'closed'
  if (!isObject(schema)) return 'closed'
  const extra = schema['additionalProperties']
  const isMap = schema['type'] === 'object' && !isObject(schema['properties']) && extra !== false
  if (extra === true || isObject(extra) || isMap) return 'open'
  const members = Object.entries(schema).filter(([key]) => !values.has(key))
  return members.some(([, value]) => widthOf(value) === 'open') ? 'open' : 'closed'
}
