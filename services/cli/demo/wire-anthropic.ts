import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { messagesIn, piecesOf, type Wire, type WireAnswer, type WireError } from './wire.ts'

/** From this API version on, sampling parameters are refused even at their default values. */
const versionWithoutSampling = '2026-10-21'

/** Messages. */
export const anthropicWire: Wire = {
  path: '/v1/messages',
  refuse: (headers, body) => {
    const version = headers['anthropic-version']
    if (version === undefined) return invalid('anthropic-version: header is required')
    if (typeof body['max_tokens'] !== 'number') return invalid('max_tokens: Field required')
    const sampling = ['temperature', 'top_p', 'top_k'].find((name) => name in body)
    if (sampling !== undefined && version >= versionWithoutSampling) return invalid(`${sampling}: not permitted`)
    return typeof body['model'] === 'string' ? null : invalid('model: Field required')
  },
  credentialIn: (headers) => headers['x-api-key'] ?? /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1] ?? null,
  read: (body) => ({
    model: body['model'] as string,
    messages: messagesIn(body),
    streamed: body['stream'] === true,
    includeUsage: true,
  }),
  json: (answer) => ({
    ...head(answer),
    content: [...textBlocks(answer), ...toolBlocks(answer)],
    stop_reason: stopReasonOf(answer),
    usage: { ...inputUsage(answer), output_tokens: answer.outputTokens },
  }),
  events: (answer) => eventsOf(answer).map((data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`),
  error: ({ type, message }) => ({ type: 'error', error: { type, message }, request_id: 'req_pretend' }),
  models: (names) => ({
    data: names.map((id) => ({ type: 'model', id, display_name: id, created_at: '2025-10-01T00:00:00Z' })),
    has_more: false,
    first_id: names[0] ?? null,
    last_id: names.at(-1) ?? null,
  }),
  overloaded: { status: 529, type: 'overloaded_error', code: null, message: 'Overloaded' },
}

function invalid(message: string): WireError {
  return { status: 400, type: 'invalid_request_error', code: null, message }
}

function head({ id, model }: WireAnswer): JsonObject {
  return { id: `msg_${id}`, type: 'message', role: 'assistant', model, stop_sequence: null }
}

function inputUsage({ inputTokens }: WireAnswer): JsonObject {
  return {
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    service_tier: 'standard',
  }
}

function stopReasonOf({ said }: WireAnswer): string {
  return said.toolCall === null ? 'end_turn' : 'tool_use'
}

function textBlocks({ said }: WireAnswer): JsonObject[] {
  return said.text === '' ? [] : [{ type: 'text', text: said.text }]
}

function toolBlocks({ id, said }: WireAnswer): JsonObject[] {
  if (said.toolCall === null) return []
  return [{ type: 'tool_use', id: `toolu_${id}`, name: said.toolCall.name, input: said.toolCall.arguments }]
}

type Event = JsonObject & { type: string }

function eventsOf(answer: WireAnswer): Event[] {
  const usage = { ...inputUsage(answer), output_tokens: 1 }
  const blocks = [
    ...textBlocks(answer).map((block) => ({
      opening: { ...block, text: '' },
      deltas: piecesOf(answer.said.text).map((text) => ({ type: 'text_delta', text })),
    })),
    ...toolBlocks(answer).map((block) => ({
      opening: { ...block, input: {} },
      deltas: ['', ...piecesOf(JSON.stringify(block['input']))].map((json) => ({
        type: 'input_json_delta',
        partial_json: json,
      })),
    })),
  ]
  return [
    { type: 'message_start', message: { ...head(answer), content: [], stop_reason: null, usage } },
    { type: 'ping' },
    ...blocks.flatMap(({ opening, deltas }, index): Event[] => [
      { type: 'content_block_start', index, content_block: opening },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: stopReasonOf(answer), stop_sequence: null },
      usage: { output_tokens: answer.outputTokens },
    },
    { type: 'message_stop' },
  ]
}
