import { type Finish, type ToolCall } from '../../contracts/answer.ts'
import { type AnswerReader } from '../answer-reader.ts'
import { type Json, type JsonObject } from '../dialect.ts'
import { type DraftAnswer, noteAnomaly } from '../draft-answer.ts'
import { field, isObject, list, parseJson, text, word, writeJson } from '../json.ts'
import { type SseEvent } from '../sse.ts'
import { readError } from './error.ts'
import { readUsage } from './usage.ts'

const finishes = new Map<string, Finish>([
  ['stop', 'stop'],
  ['length', 'length'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['content_filter', 'content_filter'],
])

/** Where a choice says it: in pieces of a stream, or whole. */
type Place = 'delta' | 'message'

type PartialCall = { id: string | null; name: string; argumentsText: string[] }

/**
 * Reads chat completions of OpenAI and of the servers that speak like it. `messageOf`: what a choice says, in the form of
 * a message.
 */
export function createChatReader(messageOf = messageIn): AnswerReader {
  /** By the index on the wire, which may start anywhere; in order of arrival. */
  const calls = new Map<number, PartialCall>()
  const finished: PartialCall[] = []
  const indexById = new Map<string, number>()
  let lastIndex = -1
  let done = false

  function readEvent(event: SseEvent, draft: DraftAnswer): void {
    if (done) return noteAnomaly(draft, 'data_after_end')
    if (event.data.trim() === '[DONE]') {
      done = true
      // An error before it leaves the answer incomplete.
      draft.complete = draft.error === null
      return
    }
    const chunk = parseJson(event.data)
    if (!isObject(chunk)) return noteAnomaly(draft, 'malformed_event')
    const error = field(chunk, 'error')
    if (error !== undefined && error !== null) return readError(error, draft)
    readEnvelope(chunk, draft)
    for (const choice of list(chunk.choices)) {
      if (isFirstChoice(choice, draft)) readChoice(choice, 'delta', draft)
    }
  }

  function readBody(body: JsonObject, draft: DraftAnswer): void {
    readEnvelope(body, draft)
    const choice = list(field(body, 'choices')).find((each) => isFirstChoice(each, draft))
    if (choice !== undefined) readChoice(choice, 'message', draft)
    else if (draft.error === null) {
      noteAnomaly(draft, 'no_choices')
      draft.error = { type: null, code: null, message: 'the answer has no choices' }
    }
    endStream(draft)
  }

  function readChoice(choice: Json, place: Place, draft: DraftAnswer): void {
    const message = messageOf(choice, place)
    readContent(message, draft)
    for (const call of list(field(message, 'tool_calls'))) readCall(call, draft)
    const legacy = field(message, 'function_call')
    if (isObject(legacy)) readCall({ index: 0, function: legacy }, draft)
    const reason = word(field(choice, 'finish_reason'))
    if (reason === null) return
    draft.nativeFinish = reason
    draft.finish = finishes.get(reason) ?? null
    if (draft.finish === null) noteAnomaly(draft, 'unknown_finish_reason', reason)
  }

  function readCall(call: Json, draft: DraftAnswer): void {
    const index = callIndex(call, draft)
    const id = word(field(call, 'id'))
    const body = field(call, 'function') ?? field(call, 'custom')
    const name = word(field(body, 'name'))
    const known = calls.get(index)
    const said = argumentsText(field(body, 'arguments') ?? field(body, 'input'), draft)
    const isNew = known === undefined || (name !== null && isAnother(known, id, said))
    if (isNew && known !== undefined) noteAnomaly(draft, 'tool_index_reused')
    const target = isNew ? startCall(index) : known
    target.id ??= id
    if (id !== null) indexById.set(id, index)
    // A continuation may repeat the name or send an empty one; neither changes it.
    if (target.name === '') target.name = name ?? ''
    target.argumentsText.push(said)
  }

  function startCall(index: number): PartialCall {
    const call: PartialCall = { id: null, name: '', argumentsText: [] }
    calls.set(index, call)
    lastIndex = index
    finished.push(call)
    return call
  }

  function callIndex(call: Json, draft: DraftAnswer): number {
    const index = field(call, 'index')
    if (typeof index === 'number') {
      if (calls.size === 0 && index > 0) noteAnomaly(draft, 'tool_index_starts_at', String(index))
      return index
    }
    // Whole messages carry no index, and some servers leave it out: an id or a name begins a new call.
    const id = word(field(call, 'id'))
    const known = id === null ? undefined : indexById.get(id)
    const continues = id === null && word(field(field(call, 'function'), 'name')) === null
    return known ?? (continues ? Math.max(lastIndex, 0) : lastIndex + 1)
  }

  function endStream(draft: DraftAnswer): void {
    draft.toolCalls = finished.map((call): ToolCall => ({ ...call, argumentsText: call.argumentsText.join('') }))
    if (draft.complete && draft.nativeFinish === null) noteAnomaly(draft, 'no_finish_reason')
  }

  return { readEvent, readBody, endStream, readError }
}

function messageIn(choice: Json, place: Place): Json | undefined {
  return field(choice, place) ?? field(choice, place === 'delta' ? 'message' : 'delta')
}

function readEnvelope(body: JsonObject, draft: DraftAnswer): void {
  // Azure's first chunk says "" for everything.
  draft.model = word(field(body, 'model')) ?? draft.model
  draft.details.responseId = word(field(body, 'id')) ?? draft.details.responseId
  draft.serviceTier = word(field(body, 'service_tier')) ?? draft.serviceTier
  const usage = field(body, 'usage')
  // Running totals on every chunk: the last one counts.
  if (isObject(usage)) draft.usage = readUsage(usage)
}

function isFirstChoice(choice: Json, draft: DraftAnswer): boolean {
  if ((field(choice, 'index') ?? 0) === 0) return true
  noteAnomaly(draft, 'several_choices')
  return false
}

function readContent(message: Json | undefined, draft: DraftAnswer): void {
  const content = field(message, 'content')
  if (typeof content === 'string') draft.text.push(content)
  for (const part of list(content)) readPart(part, draft)
  const reasoning = text(field(message, 'reasoning_content')) ?? text(field(message, 'reasoning'))
  if (reasoning !== null) draft.thinkingText.push(reasoning)
  const refusal = word(field(message, 'refusal'))
  if (refusal !== null) draft.refusalText = (draft.refusalText ?? '') + refusal
  if (isObject(field(message, 'audio'))) noteAnomaly(draft, 'audio_not_read')
}

/** Content as a list of parts (Mistral and others). */
function readPart(part: Json, draft: DraftAnswer): void {
  const type = word(field(part, 'type'))
  if (type === 'text') draft.text.push(text(field(part, 'text')) ?? '')
  else if (type === 'refusal') draft.refusalText = (draft.refusalText ?? '') + (text(field(part, 'refusal')) ?? '')
  else if (type === 'thinking') {
    for (const piece of list(field(part, 'thinking'))) draft.thinkingText.push(text(field(piece, 'text')) ?? '')
  } else noteAnomaly(draft, 'unknown_part', type ?? 'none')
}

/** A named call under an index in use: another id tells, or, where there are none, that the first call is already whole. */
function isAnother(known: PartialCall, id: string | null, said: string): boolean {
  if (id !== null && known.id !== null) return id !== known.id
  if (id !== known.id || !said.trimStart().startsWith('{')) return false
  return isObject(parseJson(known.argumentsText.join('')))
}

function argumentsText(value: Json | undefined, draft: DraftAnswer): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  noteAnomaly(draft, 'tool_arguments_not_text')
  return writeJson(value)
}
