import { Answer } from '../../shared/contracts/answer.ts'
import { type Dialect } from '../../shared/contracts/exchange.ts'
import { type Json, type JsonObject } from '../../shared/dialects/dialect.ts'
import { readAnswer } from '../../shared/dialects/dialects.ts'
import { emptyAnswer } from './empty-answer.ts'
import { type Asked, readAsked } from './task.ts'
import { field, isObject, parseJson, text } from '../../shared/dialects/json.ts'

/** An answer in one of the forms in which people have it, or why it is none. */
export type Recorded = { ok: true; answer: Answer } | { ok: false; reason: string }

/**
 * A text; a canonical answer, where what is left out is empty; a response body of any dialect, as an object or as its text;
 * an SSE stream as its text; or `{ "status": 200, "body": … }` around one of the last three.
 */
export function readRecorded(value: Json | undefined): Recorded {
  if (value === undefined) return unusable('is missing')
  if (typeof value === 'string') return readText(value, 200)
  if (!isObject(value)) return unusable('is neither a string nor an object')
  const body = value['body']
  if (body === undefined) return readBody(value, 200)
  const status = typeof value['status'] === 'number' ? value['status'] : 200
  if (typeof body === 'string') return readText(body, status)
  return isObject(body) ? readBody(body, status) : unusable('has a "body" that is neither a string nor an object')
}

const unusable = (reason: string): Recorded => ({ ok: false, reason })

/** A text is what the model said, unless it is unmistakably a whole response. */
function readText(value: string, status: number): Recorded {
  const isStream = /^(?:event|data): ?\S/.test(value)
  const sample = isStream ? firstEvent(value) : /^\s*\{/.test(value) ? parseJson(value) : undefined
  const dialect = dialectOfResponse(sample)
  if (dialect !== null) return fromWire(dialect, value, status)
  return status < 400 ? { ok: true, answer: { ...emptyAnswer, text: value } } : fromWire('openai-chat', value, status)
}

function firstEvent(stream: string): Json | undefined {
  const data = /^data: ?(\{.*)$/m.exec(stream)?.[1]
  return data === undefined ? undefined : parseJson(data)
}

function readBody(body: JsonObject, status: number): Recorded {
  const dialect = dialectOfResponse(body)
  if (dialect !== null) return fromWire(dialect, JSON.stringify(body), status)
  if (isObject(body['error'])) return fromWire('openai-chat', JSON.stringify(body), Math.max(status, 400))
  const isAnswer = ['text', 'toolCalls', 'refusalText', 'outcome'].some((name) => Object.hasOwn(body, name))
  if (!isAnswer) return unusable('is no answer: it has none of "text", "toolCalls", "choices", "output", "content"')
  const read = Answer.safeParse({ ...emptyAnswer, ...body })
  if (read.success) return { ok: true, answer: read.data }
  const [issue] = read.error.issues
  return unusable(`is no answer: ${issue!.path.join('.')}: ${issue!.message}`)
}

function fromWire(dialect: Dialect, body: string, status: number): Recorded {
  return { ok: true, answer: readAnswer(dialect, { status, contentType: null }, Buffer.from(body)) }
}

function dialectOfResponse(body: Json | undefined): Dialect | null {
  const kind = text(field(body, 'type')) ?? ''
  if (Array.isArray(field(body, 'choices'))) {
    return text(field(body, 'object')) === 'text_completion' ? 'openai-completions' : 'openai-chat'
  }
  if (Array.isArray(field(body, 'output')) || kind.startsWith('response.')) return 'openai-responses'
  const isMessage = kind === 'message' && Array.isArray(field(body, 'content'))
  return isMessage || kind === 'message_start' || kind === 'error' ? 'anthropic-messages' : null
}

/** What a request asks for, its dialect told by its shape; null where there is none. */
export function readRecordedRequest(value: Json | undefined): Asked | null {
  const body = isObject(value) && isObject(value['body']) ? value['body'] : value
  return isObject(body) ? readAsked(dialectOfRequest(body), body) : null
}

function dialectOfRequest(body: JsonObject): Dialect {
  if (body['input'] !== undefined && body['messages'] === undefined) return 'openai-responses'
  if (body['prompt'] !== undefined && body['messages'] === undefined) return 'openai-completions'
  const tools = Array.isArray(body['tools']) ? body['tools'] : []
  const isMessages =
    ['system', 'output_config', 'output_format', 'stop_sequences', 'thinking'].some(
      (name) => body[name] !== undefined,
    ) || tools.some((tool) => field(tool, 'input_schema') !== undefined)
  return isMessages ? 'anthropic-messages' : 'openai-chat'
}
