import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { field, isObject, list, word } from '../../../shared/dialects/json.ts'
import { answerOf, kindOfOutput } from './langfuse-answer.ts'
import { asChat } from './langfuse-messages.ts'
import { parametersOf } from './langfuse-parameters.ts'
import { idAt, type LogFormat, type Logged, pick, pickWord, spanMs, unpacked, untold } from './logged.ts'
import { UnusableEntry } from './unusable.ts'

/**
 * An observation of Langfuse: of its API (`/api/public/observations`, v1 and v2), exported from its pages (CSV, JSON,
 * JSONL) or to a bucket, where names are in snake_case. Langfuse keeps what a tracer made of a call, not the call, so
 * only what can be told from it is read: a list of messages (also with tools beside it), a `prompt` or an `input`.
 * Whose API it was is told by the form of the answer, else of the input; plain text is taken for chat completions.
 */
export const langfuse: LogFormat = {
  isEntry: (fields) => isSaid(fields, 'traceId', 'trace_id') && isSaid(fields, 'startTime', 'start_time'),
  read(fields) {
    const type = pickWord(fields, 'type') ?? 'GENERATION'
    if (type !== 'GENERATION' && type !== 'EMBEDDING') throw new UnusableEntry('not_a_generation')
    const model = pickWord(fields, 'model', 'providedModelName', 'provided_model_name')
    if (model === null) throw new UnusableEntry('no_model')
    const start = pick(fields, 'startTime', 'start_time')
    const firstToken = pick(fields, 'completionStartTime', 'completion_start_time')
    const asked = type === 'EMBEDDING' ? embeddedOf(pick(fields, 'input')) : inputOf(pick(fields, 'input'))
    return {
      ...untold,
      ...said(fields, model, asked, firstToken !== undefined),
      id: idAt('langfuse', pickWord(fields, 'id')),
      time: start,
      latencyMs: spanMs(start, pick(fields, 'endTime', 'end_time')),
      ttftMs: spanMs(start, firstToken),
      conversationId: pickWord(fields, 'sessionId', 'session_id') ?? pickWord(fields, 'traceId', 'trace_id'),
    }
  },
}

function isSaid(fields: JsonObject, ...names: string[]): boolean {
  return pick(fields, ...names) !== undefined
}

/** Langfuse knows no first token of a call that was not streamed. */
function said(fields: JsonObject, model: string, asked: JsonObject, isStreamed: boolean): Partial<Logged> {
  const isFailed = field(fields, 'level') === 'ERROR'
  const output = unpacked(pick(fields, 'output'))
  const kind = (isFailed ? null : kindOfOutput(output)) ?? kindOfInput(asked, pickWord(fields, 'type'))
  const sent = kind === 'openai-chat' ? asChat(asked) : asked
  const parameters = parametersOf(kind, { ...recordedParameters(fields), ...sent })
  const request = { model, ...parameters, ...(isStreamed ? { stream: true } : {}) }
  if (isFailed) return { request, ...errorOf(fields) }
  if (output === undefined) throw new UnusableEntry('no_response')
  return { request, response: answerOf(kind, output, fields, model) }
}

function recordedParameters(fields: JsonObject): JsonObject {
  const parameters = unpacked(pick(fields, 'modelParameters', 'model_parameters'))
  return isObject(parameters) ? parameters : {}
}

function inputOf(value: Json | undefined): JsonObject {
  const input = unpacked(value)
  if (Array.isArray(input) && input.length > 0) return { [isItems(input) ? 'input' : 'messages']: input }
  if (typeof input === 'string') throw new UnusableEntry('bare_text')
  if (isObject(input) && ['messages', 'prompt', 'input'].some((name) => isSaid(input, name))) return input
  throw new UnusableEntry('no_input')
}

function embeddedOf(value: Json | undefined): JsonObject {
  const input = unpacked(value)
  if (input === undefined) throw new UnusableEntry('no_input')
  return isObject(input) ? input : { input }
}

/** Only the items of Responses have a type beside, or in place of, a role. */
function isItems(input: Json[]): boolean {
  return input.some((item) => word(field(item, 'type')) !== null)
}

function kindOfInput(asked: JsonObject, type: string | null): Dialect {
  if (type === 'EMBEDDING') return 'openai-embeddings'
  if (field(asked, 'prompt') !== undefined) return 'openai-completions'
  if (field(asked, 'input') !== undefined) return 'openai-responses'
  const isAnthropic = field(asked, 'system') !== undefined || list(field(asked, 'messages')).some(hasAnthropicPart)
  return isAnthropic ? 'anthropic-messages' : 'openai-chat'
}

function hasAnthropicPart(message: Json): boolean {
  return list(field(message, 'content')).some((part) =>
    ['tool_use', 'tool_result', 'thinking', 'image'].includes(word(field(part, 'type')) ?? ''),
  )
}

/** The SDKs of the vendors put the status into the message of their error. */
function errorOf(fields: JsonObject): Partial<Logged> {
  const message = pickWord(fields, 'statusMessage', 'status_message') ?? ''
  const status = /\b(?:error|status)(?:[ _]code)?\s*[:=]?\s*([45]\d\d)\b|^([45]\d\d)\b/i.exec(message)
  if (status === null) throw new UnusableEntry('no_status')
  return { status: Number(status[1] ?? status[2]), response: { error: { message } } }
}
