import { type RequestFacts } from '../dialect.ts'
import { field, text, word, writeJson } from '../json.ts'
import { openingOf } from '../opening.ts'

export function readEmbeddingsRequest(body: unknown): RequestFacts {
  const input = field(body, 'input') ?? null
  return {
    model: word(field(body, 'model')),
    streamed: false,
    jsonExpected: false,
    schema: null,
    toolNames: [],
    userKey: word(field(body, 'user')),
    opening: openingOf([[], input === null ? [] : [text(input) ?? writeJson(input)]]),
  }
}
