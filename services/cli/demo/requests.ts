import type Anthropic from '@anthropic-ai/sdk'
import type OpenAI from 'openai'
import { invoiceSchema, kinds, tools } from './kinds.ts'
import { type DemoExchange } from './traffic.ts'

type Chat = OpenAI.ChatCompletionCreateParams
type ChatExtras = Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>

const maxTokens = 400

/** What the app says about a request beside it: which route it is, and whose conversation. */
export function headersOf({ kind, conversationId }: DemoExchange): Record<string, string> {
  return { 'x-understudy-route': kind, 'x-understudy-conversation': conversationId }
}

export function chatRequestOf(exchange: DemoExchange): Chat {
  const { kind, system, messages } = exchange
  const turns = [{ role: 'system' as const, content: system }, ...messages]
  const chat = { model: kinds[kind].model, max_tokens: maxTokens, messages: turns }
  // Without usage in the stream, nobody could price it.
  if (kinds[kind].streamed) return { ...chat, stream: true, stream_options: { include_usage: true } }
  return { ...chat, ...extrasOf(exchange) }
}

export function messagesRequestOf({ kind, system, messages }: DemoExchange): Anthropic.MessageCreateParamsStreaming {
  return { model: kinds[kind].model, max_tokens: maxTokens, system, messages, stream: true }
}

function extrasOf({ kind }: DemoExchange): ChatExtras {
  if (kind === 'invoice') {
    const schema = { name: 'invoice', strict: true, schema: invoiceSchema }
    return { response_format: { type: 'json_schema', json_schema: schema } }
  }
  if (kind !== 'tools') return {}
  return { tools: tools.map((tool) => ({ type: 'function', function: tool })) }
}
