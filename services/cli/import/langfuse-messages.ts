import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { field, isObject, list, text, word, writeJson } from '../../../shared/dialects/json.ts'
import { UnusableEntry } from './unusable.ts'

const messageFields = new Set(
  'role content name tool_calls tool_call_id function_call refusal audio reasoning_content'.split(' '),
)
const partTypes = new Set(['text', 'image_url', 'input_audio', 'file', 'refusal'])

/**
 * Messages as chat completions take them. LangChain's tracer puts the tools among the messages, and writes their calls in
 * its own way; what other frameworks make of messages cannot be sent to anyone.
 */
export function asChat(asked: JsonObject): JsonObject {
  const traced = list(field(asked, 'messages'))
  const tools = traced.filter(isTool).map((message) => field(message, 'content')!)
  const messages = traced.filter((message) => !isTool(message)).map(chatMessage)
  return { ...asked, messages, ...(tools.length > 0 ? { tools } : {}) }
}

function isTool(message: Json): boolean {
  return field(message, 'role') === 'tool' && isObject(field(field(message, 'content'), 'function'))
}

export function chatMessage(traced: Json): JsonObject {
  const parts = list(field(traced, 'content'))
  if (!isMessage(traced) || !parts.every((part) => partTypes.has(text(field(part, 'type')) ?? ''))) {
    throw new UnusableEntry('foreign_messages')
  }
  const calls = list(field(traced, 'tool_calls')).map(chatCall)
  const message = { ...(traced as JsonObject), ...(calls.length > 0 ? { tool_calls: calls } : { tool_calls: null }) }
  return Object.fromEntries(
    Object.entries<Json>(message).filter(
      ([name, value]) => messageFields.has(name) && (value !== null || name === 'content'),
    ),
  )
}

function isMessage(traced: Json): boolean {
  const content = field(traced, 'content')
  if (content === undefined || content === null)
    return ['tool_calls', 'function_call'].some((name) => field(traced, name))
  return typeof content === 'string' || Array.isArray(content)
}

function chatCall(call: Json): Json {
  const [name, args] = [word(field(call, 'name')), field(call, 'args')]
  if (name === null || args === undefined) return call
  return { id: field(call, 'id') ?? null, type: 'function', function: { name, arguments: writeJson(args) } }
}
