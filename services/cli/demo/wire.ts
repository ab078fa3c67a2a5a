import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { type Said } from './answers.ts'
import { type Message } from './traffic.ts'

export type WireRequest = {
  model: string
  messages: Message[]
  streamed: boolean
  /** OpenAI: `stream_options.include_usage`. Anthropic streams always tell their usage. */
  includeUsage: boolean
}

export type WireAnswer = { id: string; model: string; said: Said; inputTokens: number; outputTokens: number }

export type WireError = { status: number; type: string; code: string | null; message: string }

/** One family's wire format, from the provider's side. */
export type Wire = {
  path: string
  /** What is wrong with the request's headers or body; null where it is served. */
  refuse(headers: Record<string, string | undefined>, body: JsonObject): WireError | null
  credentialIn(headers: Record<string, string | undefined>): string | null
  read(body: JsonObject): WireRequest
  json(answer: WireAnswer): JsonObject
  /** The stream as SSE events, in their order, each with its blank line. */
  events(answer: WireAnswer, request: WireRequest): string[]
  error(error: WireError): JsonObject
  models(names: readonly string[]): JsonObject
  overloaded: WireError
}

/** About a dozen pieces, cut before the blanks as tokenisers do. */
export function piecesOf(text: string): string[] {
  const words = text.split(/(?=\s)/)
  const size = Math.ceil(words.length / 12)
  const pieces: string[] = []
  for (let at = 0; at < words.length; at += size) pieces.push(words.slice(at, at + size).join(''))
  return pieces
}

/** Four characters a token: near enough for a price. */
export function tokensIn(text: string): number {
  return Math.ceil(text.length / 4)
}

/** Text of a message's content, whether it is a string or a list of parts. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part: { text?: unknown }) => (typeof part.text === 'string' ? part.text : '')).join('')
}

export function messagesIn(body: JsonObject): Message[] {
  const messages = Array.isArray(body['messages']) ? (body['messages'] as JsonObject[]) : []
  return messages.flatMap(({ role, content }) =>
    role === 'user' || role === 'assistant' ? [{ role, content: textOf(content) }] : [],
  )
}
