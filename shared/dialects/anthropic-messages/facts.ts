import { type RequestFacts } from '../dialect.ts'
import { field, isObject, list, word } from '../json.ts'
import { openingOf } from '../opening.ts'

export function readMessagesRequest(body: unknown): RequestFacts {
  // `output_format` is where the format was before it had a home in `output_config`.
  const format = field(field(body, 'output_config'), 'format') ?? field(body, 'output_format')
  const schema = field(format, 'schema')
  const first = list(field(body, 'messages')).find((message) => field(message, 'role') === 'user')
  return {
    model: word(field(body, 'model')),
    streamed: field(body, 'stream') === true,
    jsonExpected: field(format, 'type') === 'json_schema',
    schema: isObject(schema) ? schema : null,
    toolNames: list(field(body, 'tools')).flatMap((tool) => word(field(tool, 'name')) ?? []),
    userKey: word(field(field(body, 'metadata'), 'user_id')),
    opening: openingOf([[field(body, 'system') ?? null], [field(first, 'content') ?? null]]),
  }
}
