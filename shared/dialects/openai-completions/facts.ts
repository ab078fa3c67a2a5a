import { type RequestFacts } from '../dialect.ts'
import { field, isObject, text, word, writeJson } from '../json.ts'
import { openingOf } from '../opening.ts'

/** Legacy completions: a prompt to be continued, without roles and tools. */
export function readCompletionsRequest(body: unknown): RequestFacts {
  const prompt = field(body, 'prompt') ?? null
  const format = field(body, 'response_format')
  const schema = field(field(format, 'json_schema'), 'schema')
  return {
    model: word(field(body, 'model')),
    streamed: field(body, 'stream') === true,
    jsonExpected: ['json_object', 'json_schema'].includes(text(field(format, 'type')) ?? ''),
    schema: isObject(schema) ? schema : null,
    toolNames: [],
    userKey: word(field(body, 'user')),
    // Several prompts, or tokens, are told by their JSON.
    opening: openingOf([[], prompt === null ? [] : [text(prompt) ?? writeJson(prompt)]]),
  }
}
