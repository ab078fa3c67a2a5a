import { type Finish, type ToolCall } from '../../contracts/answer.ts'
import { type AnswerReader } from '../answer-reader.ts'
import { type Json, type JsonObject } from '../dialect.ts'
import { type DraftAnswer, noteAnomaly } from '../draft-answer.ts'
import { field, isObject, list, parseJson, text, word, writeJson } from '../json.ts'
import { type SseEvent } from '../sse.ts'
import { type NativeUsage, normalUsage, noUsage, overwriteUsage } from './usage.ts'

const finishes = new Map<string, Finish>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
  ['pause_turn', 'pause'],
])

type Block = { type: string; start: Json; pieces: string[] }

/** Reads messages of Anthropic and of the servers that speak like it. */
export function createMessagesReader(): AnswerReader {
  let messageId: string | null = null
  let started = false
  let usage: NativeUsage = noUsage
  /** In order of arrival. `open` tells which one an index means now. */
  let blocks: Block[] = []
  let open = new Map<Json, Block>()

  function readEvent(event: SseEvent, draft: DraftAnswer): void {
    const data = parseJson(event.data)
    if (!isObject(data)) return noteAnomaly(draft, 'malformed_event')
    const type = word(field(data, 'type')) ?? event.name
    if (draft.complete) return noteAnomaly(draft, 'data_after_end')
    if (type === 'message_start') startMessage(field(data, 'message'), draft)
    else if (type === 'content_block_start') startBlock(data, draft)
    else if (type === 'content_block_delta') readDelta(data, draft)
    else if (type === 'message_delta') readMessageDelta(data, draft)
    else if (type === 'message_stop') draft.complete = draft.error === null
    else if (type === 'error') readError(field(data, 'error') ?? null, draft)
    else if (type !== 'content_block_stop' && type !== 'ping') noteAnomaly(draft, 'unknown_event', type ?? 'none')
  }

  function startMessage(message: Json | undefined, draft: DraftAnswer): void {
    const id = word(field(message, 'id'))
    if (started) noteAnomaly(draft, 'repeated_message_start')
    // Another message takes the place of the first; its half blocks are never joined with the new ones.
    if (started && id !== messageId) {
      if (blocks.length > 0) noteAnomaly(draft, 'abandoned_message')
      blocks = []
      open = new Map()
    }
    started = true
    messageId = id
    draft.details.responseId = id
    for (const [index, block] of list(field(message, 'content')).entries()) {
      startBlock({ index, content_block: block }, draft)
    }
    readEnvelope(message, draft)
  }

  function startBlock(data: Json, draft: DraftAnswer): void {
    const index = field(data, 'index') ?? null
    const start = field(data, 'content_block') ?? null
    if (open.has(index)) noteAnomaly(draft, 'block_index_reused')
    const block = { type: word(field(start, 'type')) ?? 'none', start, pieces: [] }
    blocks.push(block)
    open.set(index, block)
  }

  function readDelta(data: Json, draft: DraftAnswer): void {
    const index = field(data, 'index') ?? null
    const delta = field(data, 'delta')
    const kind = deltas.get(word(field(delta, 'type')) ?? '')
    if (kind === undefined) return noteAnomaly(draft, 'unknown_delta', word(field(delta, 'type')) ?? 'none')
    if (kind.field === null) return readSignature(delta, draft)
    if (!open.has(index)) {
      noteAnomaly(draft, 'delta_without_block')
      startBlock({ index, content_block: { type: kind.block } }, draft)
    }
    open.get(index)?.pieces.push(text(field(delta, kind.field)) ?? '')
  }

  function readMessageDelta(data: Json, draft: DraftAnswer): void {
    readFinish(field(data, 'delta'), draft)
    usage = overwriteUsage(usage, field(data, 'usage'))
    readTier(field(data, 'usage'), draft)
  }

  function readEnvelope(message: Json | undefined, draft: DraftAnswer): void {
    draft.model = word(field(message, 'model')) ?? draft.model
    usage = overwriteUsage(usage, field(message, 'usage'))
    readTier(field(message, 'usage'), draft)
    readFinish(message, draft)
  }

  function readBody(body: JsonObject, draft: DraftAnswer): void {
    if (!Array.isArray(field(body, 'content'))) {
      noteAnomaly(draft, 'no_content')
      draft.error = { type: null, code: null, message: 'the answer has no list of content blocks' }
    }
    startMessage(body, draft)
    endStream(draft)
  }

  function endStream(draft: DraftAnswer): void {
    for (const block of blocks) readBlock(block, draft)
    draft.usage = normalUsage(usage)
    if (draft.complete && draft.nativeFinish === null) noteAnomaly(draft, 'no_finish_reason')
  }

  return { readEvent, readBody, endStream, readError }
}

/** Which text each delta adds, and to what kind of block. Signatures and citations are not part of the answer. */
const deltas = new Map<string, { field: string | null; block: string }>([
  ['text_delta', { field: 'text', block: 'text' }],
  ['thinking_delta', { field: 'thinking', block: 'thinking' }],
  ['input_json_delta', { field: 'partial_json', block: 'tool_use' }],
  ['signature_delta', { field: null, block: 'thinking' }],
  ['citations_delta', { field: null, block: 'text' }],
])

function readSignature(block: Json | undefined, draft: DraftAnswer): void {
  const signature = word(field(block, 'signature'))
  if (signature !== null) draft.details.thinkingSignatures.push(signature)
}

function readFinish(holder: Json | undefined, draft: DraftAnswer): void {
  const reason = word(field(holder, 'stop_reason'))
  draft.stopSequence = word(field(holder, 'stop_sequence')) ?? draft.stopSequence
  if (reason === null) return
  draft.nativeFinish = reason
  draft.finish = finishes.get(reason) ?? null
  if (draft.finish === null) noteAnomaly(draft, 'unknown_stop_reason', reason)
  if (reason !== 'refusal') return
  const details = field(holder, 'stop_details')
  draft.refusalText = text(field(details, 'explanation'))
  draft.details.refusalCategory = word(field(details, 'category'))
}

function readTier(usage: Json | undefined, draft: DraftAnswer): void {
  const tier = word(field(usage, 'service_tier'))
  draft.serviceTier = word(field(usage, 'speed')) === 'fast' ? 'fast' : (tier ?? draft.serviceTier)
}

function readBlock(block: Block, draft: DraftAnswer): void {
  const { type, start, pieces } = block
  if (type === 'text') draft.text.push(text(field(start, 'text')) ?? '', pieces.join(''))
  else if (type === 'thinking') {
    draft.thinkingText.push(text(field(start, 'thinking')) ?? '', pieces.join(''))
    readSignature(start, draft)
  } else if (type === 'tool_use') draft.toolCalls.push(toolCall(block))
  else if (type === 'server_tool_use' || type === 'mcp_tool_use') draft.serverToolCalls.push(toolCall(block))
  else if (type === 'fallback') readFallback(start, draft)
  else if (type !== 'redacted_thinking' && !type.endsWith('_tool_result')) noteAnomaly(draft, 'unknown_block', type)
}

/** Another model took over at the provider: it is the one that answered, and the one to price. */
function readFallback(start: Json, draft: DraftAnswer): void {
  noteAnomaly(draft, 'served_by_fallback')
  draft.model = word(field(field(start, 'to'), 'model')) ?? draft.model
}

function toolCall({ start, pieces }: Block): ToolCall {
  const streamed = pieces.join('')
  const input = field(start, 'input')
  const whole = typeof input === 'string' ? input : input === undefined ? '' : writeJson(input)
  // A tool without arguments streams no JSON at all: its input is the empty object.
  const argumentsText = streamed === '' ? whole || '{}' : streamed
  return { id: word(field(start, 'id')), name: word(field(start, 'name')) ?? '', argumentsText }
}

function readError(error: Json, draft: DraftAnswer): void {
  draft.error = {
    type: word(field(error, 'type')),
    code: word(field(field(error, 'details'), 'error_code')) ?? word(field(error, 'code')),
    message: text(error) ?? text(field(error, 'message')),
  }
}
