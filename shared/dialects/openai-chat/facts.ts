import { type Json, type RequestFacts } from '../dialect.ts'
import { field, isObject, list, text, word } from '../json.ts'
import { openingOf } from '../opening.ts'

export function readChatRequest(body: unknown): RequestFacts {
  const format = field(body, 'response_format')
  const schema = field(field(format, 'json_schema'), 'schema')
  return {
    model: word(field(body, 'model')),
    streamed: field(body, 'stream') === true,
    jsonExpected: ['json_object', 'json_schema'].includes(text(field(format, 'type')) ?? ''),
    schema: isObject(schema) ? schema : null,
    toolNames: [...list(field(body, 'tools')).map(toolBody), ...list(field(body, 'functions'))].flatMap(
      (tool) => word(field(tool, 'name')) ?? [],
    ),
    userKey: word(field(body, 'user')) ?? word(field(field(body, 'metadata'), 'user_id')),
    opening: opening(list(field(body, 'messages'))),
  }
}

function toolBody(tool: Json): Json {
  return field(tool, 'function') ?? field(tool, 'custom') ?? null
}

function opening(messages: Json[]): string {
  const firstUser = messages.findIndex((message) => field(message, 'role') === 'user')
  const before = firstUser === -1 ? messages : messages.slice(0, firstUser)
  const system = before.filter((message) => ['system', 'developer'].includes(text(field(message, 'role')) ?? ''))
  return openingOf([
    system.map((message) => field(message, 'content') ?? null),
    firstUser === -1 ? [] : [field(messages[firstUser], 'content') ?? null],
  ])
}
