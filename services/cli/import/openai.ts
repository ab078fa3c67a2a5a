import { isDeepStrictEqual } from 'node:util'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { field, isObject, list, word } from '../../../shared/dialects/json.ts'
import { idAt, type LogFormat, type Logged, pick, pickWord, untold } from './logged.ts'
import { UnusableEntry } from './unusable.ts'

/**
 * What OpenAI keeps of calls with `store: true`: chat completions as `GET /v1/chat/completions` lists them, with their
 * messages put in, responses as `GET /v1/responses/{id}` tells them, with their input put in, and the lines of a
 * distillation file, whose last message is the answer. Times are told to the second and latencies not at all.
 */
export const openai: LogFormat = {
  isEntry: (fields) => isStored(fields) || Array.isArray(field(fields, 'messages')) || 'role' in fields,
  read(fields) {
    if (field(fields, 'object') === 'response') return readResponse(fields)
    return field(fields, 'choices') === undefined ? readDistillation(fields) : readCompletion(fields)
  },
}

function isStored(fields: JsonObject): boolean {
  return ['chat.completion', 'response'].includes(pickWord(fields, 'object') ?? '')
}

const completionParameters =
  'temperature top_p frequency_penalty presence_penalty max_tokens max_completion_tokens stop tools tool_choice ' +
  'parallel_tool_calls response_format reasoning_effort verbosity modalities'
const responseParameters =
  'instructions temperature top_p max_output_tokens tools tool_choice parallel_tool_calls text reasoning truncation ' +
  'user previous_response_id conversation prompt background'

/** Told whether or not the caller said it, and meaning no more than its absence. Some models refuse to hear it. */
const defaults: JsonObject = {
  temperature: 1,
  top_p: 1,
  frequency_penalty: 0,
  presence_penalty: 0,
  tool_choice: 'auto',
  parallel_tool_calls: true,
  truncation: 'disabled',
  text: { format: { type: 'text' } },
  reasoning: { effort: null, summary: null },
  tools: [],
}

/** The seed is left out: OpenAI tells one also where none was set, and an answer asked with it again is no new draw. */
function said(fields: JsonObject, names: string): JsonObject {
  const entries = names.split(' ').map((name): [string, Json] => [name, field(fields, name) ?? null])
  return Object.fromEntries(
    entries.filter(([name, value]) => value !== null && !isDeepStrictEqual(value, defaults[name])),
  )
}

function readCompletion(fields: JsonObject): Logged {
  const choices = list(field(fields, 'choices'))
  const answer = field(choices[0], 'message')
  const messages = pageOf(field(fields, 'messages')).map(asSent)
  if (messages.length === 0) throw new UnusableEntry('messages_apart')
  const request = {
    model: modelOf(fields),
    ...said(fields, completionParameters),
    ...(choices.length > 1 ? { n: choices.length } : {}),
    messages: withoutAnswer(messages, answer),
  }
  const isCut = choices.some((choice) => field(choice, 'finish_reason') === 'length')
  if (isCut && pick(fields, 'max_tokens', 'max_completion_tokens') === undefined) {
    throw new UnusableEntry('limit_unknown')
  }
  const { messages: _, ...response } = fields
  return {
    ...untold,
    id: idAt('openai', pickWord(fields, 'id')),
    request,
    response,
    time: pick(fields, 'created'),
    conversationId: pickWord(fields, 'input_user'),
  }
}

function modelOf(fields: JsonObject): string {
  const model = pickWord(fields, 'model')
  if (model === null) throw new UnusableEntry('no_model')
  return model
}

/** A list, or a page of one as the API answers with. */
function pageOf(value: Json | undefined): Json[] {
  return list(isObject(value) ? field(value, 'data') : value)
}

/** As OpenAI lists it, a message has an id, nulls, and its parts apart. */
function asSent(stored: Json): Json {
  if (!isObject(stored)) return stored
  const { id: _, content_parts: parts, ...message } = stored
  const content = Array.isArray(parts) && parts.length > 0 ? parts : (field(message, 'content') ?? null)
  return Object.fromEntries(
    Object.entries({ ...message, content }).filter(([name, value]) => name === 'content' || value !== null),
  )
}

/** Where the list of messages goes on to the answer, the request ended before it. */
function withoutAnswer(messages: Json[], answer: Json | undefined): Json[] {
  const last = messages.at(-1)
  const isAnswer =
    field(last, 'role') === 'assistant' && (field(last, 'content') ?? null) === (field(answer, 'content') ?? null)
  return isAnswer ? messages.slice(0, -1) : messages
}

function readResponse(fields: JsonObject): Logged {
  if (['in_progress', 'queued', 'cancelled'].includes(pickWord(fields, 'status') ?? '')) {
    throw new UnusableEntry('no_response')
  }
  const stored = field(fields, 'input')
  const input = typeof stored === 'string' ? stored : pageOf(stored)
  if (input.length === 0) throw new UnusableEntry('messages_apart')
  const { input: _, ...response } = fields
  return {
    ...untold,
    id: idAt('openai', pickWord(fields, 'id')),
    request: { model: modelOf(fields), ...said(fields, responseParameters), input },
    response,
    path: '/v1/responses',
    time: pick(fields, 'created_at'),
    conversationId: pickWord(fields, 'safety_identifier', 'user'),
  }
}

function readDistillation(fields: JsonObject): Logged {
  const messages = list(field(fields, 'messages'))
  const answer = messages.at(-1)
  if (messages.length === 0) throw new UnusableEntry('unknown_entry')
  if (word(field(answer, 'role')) !== 'assistant') throw new UnusableEntry('no_response')
  if (messages.length === 1) throw new UnusableEntry('no_input')
  const model = modelOf(fields)
  return {
    ...untold,
    request: { model, ...said(fields, completionParameters), messages: messages.slice(0, -1) },
    response: { object: 'chat.completion', model, choices: [{ index: 0, finish_reason: null, message: answer! }] },
    time: pick(fields, 'created', 'created_at', 'timestamp'),
  }
}
