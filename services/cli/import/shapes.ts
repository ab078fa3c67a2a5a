import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { dialectOf } from '../../../shared/dialects/dialects.ts'
import { field, isObject, list } from '../../../shared/dialects/json.ts'
import { UnusableEntry } from './unusable.ts'

export type Family = 'openai' | 'anthropic'

export type Shape = {
  family: Family
  /** Where such requests go. */
  path: string
  /** The parameter that holds what is asked. */
  input: string
}

export const shapes: Record<Dialect, Shape> = {
  'openai-chat': { family: 'openai', path: '/v1/chat/completions', input: 'messages' },
  'openai-responses': { family: 'openai', path: '/v1/responses', input: 'input' },
  'openai-completions': { family: 'openai', path: '/v1/completions', input: 'prompt' },
  'openai-embeddings': { family: 'openai', path: '/v1/embeddings', input: 'input' },
  'anthropic-messages': { family: 'anthropic', path: '/v1/messages', input: 'messages' },
}

export function isError(answer: JsonObject): boolean {
  return isObject(field(answer, 'error')) && !isAnswer(answer)
}

/** The answer tells its dialect; an error tells less, so the path, then the request, are asked. */
export function shapeOf(request: JsonObject, answer: JsonObject, path: string | null): Shape {
  const asked = path === null ? null : dialectOfPath(path)
  const answered = dialectOfAnswer(answer)
  if (asked !== null && answered !== null && asked !== answered) throw new UnusableEntry('translated')
  const dialect = answered ?? asked ?? dialectOfRefused(request, answer)
  if (dialect === null) throw new UnusableEntry('unknown_shape')
  return shapes[dialect]
}

function isAnswer(answer: JsonObject): boolean {
  return dialectOfAnswer(answer) !== null
}

export function dialectOfAnswer(answer: JsonObject): Dialect | null {
  const choices = field(answer, 'choices')
  if (Array.isArray(choices))
    return typeof field(choices[0], 'text') === 'string' ? 'openai-completions' : 'openai-chat'
  if (Array.isArray(field(answer, 'output'))) return 'openai-responses'
  if (field(answer, 'type') === 'message' && Array.isArray(field(answer, 'content'))) return 'anthropic-messages'
  const isVectors = field(list(field(answer, 'data'))[0], 'embedding') !== undefined
  return isVectors ? 'openai-embeddings' : null
}

function dialectOfPath(path: string): Dialect | null {
  return dialectOf('openai', 'POST', path) ?? dialectOf('anthropic', 'POST', path)
}

/** Of a request that only has an `input` it cannot be told whether it was one of Responses or of embeddings. */
function dialectOfRefused(request: JsonObject, answer: JsonObject): Dialect | null {
  if (!isError(answer)) return null
  if (field(answer, 'type') === 'error') return 'anthropic-messages'
  if (field(request, 'messages') !== undefined) return 'openai-chat'
  return field(request, 'prompt') === undefined ? null : 'openai-completions'
}
