import { type Json, type RequestFacts } from '../dialect.ts'
import { field, isObject, list, text, word } from '../json.ts'
import { openingOf } from '../opening.ts'
import { toolNamesOf } from './output.ts'

export function readResponsesRequest(body: unknown): RequestFacts {
  const format = field(field(body, 'text'), 'format')
  const schema = field(format, 'schema')
  return {
    model: word(field(body, 'model')),
    streamed: field(body, 'stream') === true,
    jsonExpected: ['json_object', 'json_schema'].includes(text(field(format, 'type')) ?? ''),
    schema: isObject(schema) ? schema : null,
    toolNames: toolNamesOf(list(field(body, 'tools'))),
    userKey:
      word(field(body, 'user')) ??
      word(field(body, 'safety_identifier')) ??
      word(field(field(body, 'metadata'), 'user_id')),
    opening: opening(field(body, 'instructions') ?? null, field(body, 'input') ?? null),
  }
}

function opening(instructions: Json, input: Json): string {
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : list(input)
  const firstUser = items.findIndex((item) => field(item, 'role') === 'user')
  const before = firstUser === -1 ? items : items.slice(0, firstUser)
  const system = before.filter((item) => ['system', 'developer'].includes(text(field(item, 'role')) ?? ''))
  return openingOf([
    [...(instructions === null ? [] : [instructions]), ...system.map((item) => field(item, 'content') ?? null)],
    firstUser === -1 ? [] : [field(items[firstUser], 'content') ?? null],
  ])
}
