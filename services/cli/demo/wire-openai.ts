import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { messagesIn, piecesOf, type Wire, type WireAnswer, type WireRequest } from './wire.ts'

/** Chat completions. */
export const openaiWire: Wire = {
  path: '/v1/chat/completions',
  refuse: (_, body) => {
    if (typeof body['model'] === 'string' && Array.isArray(body['messages'])) return null
    return { status: 400, type: 'invalid_request_error', code: null, message: 'you must provide a model and messages' }
  },
  credentialIn: (headers) => /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1] ?? null,
  read: (body) => ({
    model: body['model'] as string,
    messages: messagesIn(body),
    streamed: body['stream'] === true,
    includeUsage: (body['stream_options'] as JsonObject | undefined)?.['include_usage'] === true,
  }),
  json: (answer) => ({
    ...head(answer, 'chat.completion'),
    choices: [{ index: 0, message: messageOf(answer), logprobs: null, finish_reason: finishOf(answer) }],
    usage: usageOf(answer),
  }),
  events: (answer, request) => [...chunksOf(answer, request).map(event), 'data: [DONE]\n\n'],
  error: ({ type, code, message }) => ({ error: { message, type, param: null, code } }),
  models: (names) => ({
    object: 'list',
    data: names.map((id) => ({ id, object: 'model', created: 1_715_367_049, owned_by: 'system' })),
  }),
  overloaded: { status: 503, type: 'server_error', code: null, message: 'The engine is currently overloaded' },
}

const event = (data: JsonObject): string => `data: ${JSON.stringify(data)}\n\n`

function head({ id, model }: WireAnswer, object: string): JsonObject {
  const created = Math.floor(Date.now() / 1000)
  return { id: `chatcmpl-${id}`, object, created, model, service_tier: 'default', system_fingerprint: 'fp_pretend' }
}

function messageOf({ id, said }: WireAnswer): JsonObject {
  const message = { role: 'assistant', content: said.text === '' ? null : said.text, refusal: null, annotations: [] }
  if (said.toolCall === null) return message
  const { name, arguments: values } = said.toolCall
  const call = { id: `call_${id}`, type: 'function', function: { name, arguments: JSON.stringify(values) } }
  return { ...message, tool_calls: [call] }
}

function finishOf({ said }: WireAnswer): string {
  return said.toolCall === null ? 'stop' : 'tool_calls'
}

function usageOf({ inputTokens, outputTokens }: WireAnswer): JsonObject {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  }
}

function chunksOf(answer: WireAnswer, { includeUsage }: WireRequest): JsonObject[] {
  const chunk = (delta: JsonObject, finish: string | null = null): JsonObject => ({
    ...head(answer, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(includeUsage ? { usage: null } : {}),
  })
  const chunks = [
    chunk({ role: 'assistant', content: '', refusal: null }),
    ...deltasOf(answer).map((delta) => chunk(delta)),
    chunk({}, finishOf(answer)),
  ]
  if (!includeUsage) return chunks
  return [...chunks, { ...head(answer, 'chat.completion.chunk'), choices: [], usage: usageOf(answer) }]
}

function deltasOf({ id, said }: WireAnswer): JsonObject[] {
  const texts = said.text === '' ? [] : piecesOf(said.text).map((content) => ({ content }))
  if (said.toolCall === null) return texts
  const { name, arguments: values } = said.toolCall
  const opening = { index: 0, id: `call_${id}`, type: 'function', function: { name, arguments: '' } }
  const pieces = piecesOf(JSON.stringify(values)).map((piece) => ({ index: 0, function: { arguments: piece } }))
  return [...texts, ...[opening, ...pieces].map((call) => ({ tool_calls: [call] }))]
}
