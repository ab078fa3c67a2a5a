import { type AnswerReader } from '../answer-reader.ts'
import { type JsonObject } from '../dialect.ts'
import { type DraftAnswer, noteAnomaly } from '../draft-answer.ts'
import { count, field, isObject, word } from '../json.ts'
import { readError } from '../openai-chat/error.ts'
import { readUsage } from '../openai-chat/usage.ts'
import { readVectors } from './vectors.ts'

/** Embeddings: an answer without words. The vectors are checked and stay in the body; no stage holds two of them together. */
export function createEmbeddingsReader(): AnswerReader {
  return {
    readEvent: (_, draft) => noteAnomaly(draft, 'unexpected_stream'),
    endStream: () => {},
    readBody,
    readError,
  }
}

function readBody(body: JsonObject, draft: DraftAnswer): void {
  draft.model = word(field(body, 'model'))
  const usage = field(body, 'usage')
  // Nothing is generated, and that is known: the price of the call is that of its input.
  if (isObject(usage))
    draft.usage = { ...readUsage(usage), outputTokens: count(field(usage, 'completion_tokens')) ?? 0 }
  const vectors = readVectors(body)
  draft.details.vectors = vectors
  if (vectors.length > 0 && vectors.every((vector) => vector !== null)) return
  noteAnomaly(draft, vectors.length === 0 ? 'no_vectors' : 'malformed_vector')
  draft.error = { type: null, code: null, message: 'the answer has no readable list of vectors' }
}
