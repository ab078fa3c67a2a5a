import { type Json, type JsonObject } from './dialect.ts'
import { field, isObject, list, text } from './json.ts'

/** Keywords Anthropic's constrained decoding takes; it refuses some of the others, and all others only narrow. */
const decodable = new Set(
  (
    'type properties required additionalProperties items enum const anyOf oneOf allOf $ref $defs definitions ' +
    'title description default format minItems'
  ).split(' '),
)
const decodableFormats = new Set('date-time time date duration email hostname uri ipv4 ipv6 uuid'.split(' '))
/** Keywords with which OpenAI refuses to be strict. */
const neverStrict = new Set(
  (
    'oneOf allOf not if then else patternProperties propertyNames dependentRequired dependentSchemas dependencies ' +
    'minLength maxLength minProperties maxProperties uniqueItems contains minContains maxContains prefixItems ' +
    'unevaluatedProperties unevaluatedItems'
  ).split(' '),
)
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
    if (!isDecodable(key, value)) return []
    if (key === 'oneOf') return [['anyOf', relaxValue(value)]]
    if (values.has(key)) return [[key, value]]
    return [[key, maps.has(key) && isObject(value) ? relaxMap(value) : relaxValue(value)]]
  })
  const relaxed = Object.fromEntries(entries)
  const mayBeObject = [schema['type'] ?? null].flat().includes('object') || Object.hasOwn(schema, 'properties')
  return mayBeObject ? { ...relaxed, additionalProperties: false } : relaxed
}

function isDecodable(key: string, value: Json): boolean {
  if (key === 'minItems') return value === 0 || value === 1
  if (key === 'format') return typeof value === 'string' && decodableFormats.has(value)
  if (key === 'enum' || key === 'const')
    return [value].flat().every((each) => typeof each !== 'object' || each === null)
  return decodable.has(key)
}

function relaxMap(map: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, relaxValue(value)]))
}

function relaxValue(value: Json): Json {
  if (Array.isArray(value)) return value.map(relaxValue)
  return isObject(value) ? relaxSchema(value) : value
}

/** May OpenAI be asked to hold the model to this schema strictly: an object, closed in all its parts and without options? */
export function isStrictSchema(schema: JsonObject): boolean {
  return schema['type'] === 'object' && !Object.hasOwn(schema, 'anyOf') && isStrict(schema)
}

function isStrict(schema: Json): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict)
  if (!isObject(schema)) return true
  return isClosed(schema) && Object.entries(schema).every(([key, value]) => isStrictMember(key, value))
}

function isStrictMember(key: string, value: Json): boolean {
  if (neverStrict.has(key)) return false
  if (values.has(key)) return true
  return maps.has(key) && isObject(value) ? Object.values(value).every(isStrict) : isStrict(value)
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
  if (extra === true || isObject(extra) || isMap || isObject(schema['patternProperties'])) return 'open'
  const members = Object.entries(schema).filter(([key]) => !values.has(key))
  return members.some(([, value]) => widthOf(value) === 'open') ? 'open' : 'closed'
}

/** References lead from one to the next without nesting, so their depth has a bound of its own. */
const maxVisits = 1_000

/** Does a part of the schema hold itself, by references within it? No decoder of Anthropic takes such a one. */
export function isRecursive(schema: JsonObject): boolean {
  const within = new Map<JsonObject, boolean>()
  const visit = (each: Json, depth: number): boolean => {
    if (Array.isArray(each)) return each.some((item) => visit(item, depth + 1))
    if (!isObject(each)) return false
    if (depth > maxVisits) return true
    const known = within.get(each)
    // True while it is being looked through: to come here again is to have come round.
    if (known !== undefined) return known
    within.set(each, true)
    const members = Object.entries(each).filter(([key]) => !values.has(key) && key !== '$defs' && key !== 'definitions')
    const target = text(each['$ref'])
    const found =
      members.some(([, value]) => visit(value, depth + 1)) ||
      (target !== null && visit(referred(schema, target), depth + 1))
    within.set(each, found)
    return found
  }
  return visit(schema, 0)
}

/** `#/$defs/Node`; null for what lies elsewhere. */
function referred(schema: JsonObject, reference: string): Json {
  if (!reference.startsWith('#')) return null
  const steps = reference
    .slice(1)
    .split('/')
    .filter((step) => step !== '')
  const names = steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return names.reduce<Json>((value, name) => field(value, name) ?? null, schema)
}
