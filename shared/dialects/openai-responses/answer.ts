import { type Finish } from '../../contracts/answer.ts'
import { type AnswerReader } from '../answer-reader.ts'
import { type Json, type JsonObject } from '../dialect.ts'
import { type DraftAnswer, noteAnomaly } from '../draft-answer.ts'
import { field, isObject, list, parseJson, word } from '../json.ts'
import { readError } from '../openai-chat/error.ts'
import { type SseEvent } from '../sse.ts'
import { gatherItems } from './gather.ts'
import { readOutput, toolNamesOf } from './output.ts'
import { readResponsesUsage } from './usage.ts'

const incompleteReasons = new Map<string, Finish>([
  ['max_output_tokens', 'length'],
  ['content_filter', 'content_filter'],
])
const terminal = new Set(['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled'])
/** Events that repeat, announce or decorate what others tell. */
const idle =
  /^(ping|keepalive|response\.(in_progress|queued|content_part\.\w+|reasoning_summary_part\.\w+|output_text\.annotation\.added|audio\.\w+(\.\w+)?|\w+_call\.\w+|mcp_list_tools\.\w+))$/

/** Reads responses of OpenAI and of the servers that speak like it. */
export function createResponsesReader(): AnswerReader {
  let gatherer = gatherItems()
  let started = false
  let ended: JsonObject | null = null

  function readEvent(event: SseEvent, draft: DraftAnswer): void {
    // Written by some compatible servers after their own end.
    if (event.data.trim() === '[DONE]') return
    if (ended !== null) return noteAnomaly(draft, 'data_after_end')
    const data = parseJson(event.data)
    if (!isObject(data)) return noteAnomaly(draft, 'malformed_event')
    const error = field(data, 'error')
    const type = word(field(data, 'type')) ?? event.name ?? (isObject(error) ? 'error' : 'none')
    if (type === 'error') return readError(error ?? data, draft)
    if (terminal.has(type)) return endResponse(type, field(data, 'response'), draft)
    if (type === 'response.created') start(draft)
    else if (!gatherer.take(type, data, draft) && !idle.test(type)) noteAnomaly(draft, 'unknown_event', type)
    const response = field(data, 'response')
    if (isObject(response)) readEnvelope(response, draft)
  }

  function start(draft: DraftAnswer): void {
    if (started) {
      noteAnomaly(draft, 'repeated_response_created')
      // Another answer takes the place of the first; its half items are never joined with the new ones.
      if (gatherer.items().length > 0) noteAnomaly(draft, 'abandoned_response')
      gatherer = gatherItems()
    }
    started = true
  }

  function endResponse(type: string, response: Json | undefined, draft: DraftAnswer): void {
    // The name of the event says how it ended, also where the status was forgotten.
    const status = type.slice('response.'.length)
    ended = isObject(response) ? { status, ...response } : { status }
    readEnvelope(ended, draft)
    readFailure(ended, draft)
    draft.complete = draft.error === null
  }

  function endStream(draft: DraftAnswer): void {
    const whole = list(field(ended, 'output'))
    const pieces = gatherer.items()
    if (ended !== null && whole.length === 0 && pieces.length > 0) noteAnomaly(draft, 'terminal_without_output')
    readOutput(whole.length > 0 ? whole : pieces, declaredTools(ended), draft)
    if (ended !== null) readFinish(ended, draft)
  }

  function readBody(body: JsonObject, draft: DraftAnswer): void {
    readEnvelope(body, draft)
    readFailure(body, draft)
    if (!Array.isArray(field(body, 'output')) && draft.error === null) {
      noteAnomaly(draft, 'no_output')
      draft.error = { type: null, code: null, message: 'the answer has no list of output items' }
    }
    readOutput(list(field(body, 'output')), declaredTools(body), draft)
    readFinish(body, draft)
  }

  return { readEvent, readBody, endStream, readError }
}

function declaredTools(response: JsonObject | null): Set<string> | null {
  const tools = field(response, 'tools')
  return Array.isArray(tools) ? new Set(toolNamesOf(tools)) : null
}

function readEnvelope(response: JsonObject, draft: DraftAnswer): void {
  draft.model = word(field(response, 'model')) ?? draft.model
  draft.details.responseId = word(field(response, 'id')) ?? draft.details.responseId
  draft.serviceTier = word(field(response, 'service_tier')) ?? draft.serviceTier
  const usage = field(response, 'usage')
  if (isObject(usage)) draft.usage = readResponsesUsage(usage)
}

function readFailure(response: JsonObject, draft: DraftAnswer): void {
  const status = word(field(response, 'status'))
  if (status !== 'failed' && status !== 'cancelled') return
  // An `error` event before it said more.
  if (draft.error === null) readError(field(response, 'error') ?? { code: status }, draft)
  draft.nativeFinish = status
}

/** The status does not tell that a tool was called: the items do. */
function readFinish(response: JsonObject, draft: DraftAnswer): void {
  const status = word(field(response, 'status'))
  if (status === 'failed' || status === 'cancelled') return
  if (status === 'incomplete') return readIncomplete(response, draft)
  if (status === 'in_progress' || status === 'queued') {
    // The answer to a call in the background: the model is still at work.
    noteAnomaly(draft, 'response_not_finished')
    draft.complete = false
    return
  }
  draft.nativeFinish = status
  draft.finish = draft.toolCalls.length > 0 ? 'tool_calls' : 'stop'
  if (status !== 'completed') noteAnomaly(draft, 'unknown_status', status ?? 'none')
}

function readIncomplete(response: JsonObject, draft: DraftAnswer): void {
  const reason = word(field(field(response, 'incomplete_details'), 'reason'))
  draft.nativeFinish = reason ?? 'incomplete'
  draft.finish = incompleteReasons.get(reason ?? '') ?? null
  if (draft.finish === null) noteAnomaly(draft, 'unknown_incomplete_reason', reason ?? 'none')
}
