import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { invoiceSchema, kinds, tools } from './kinds.ts'
import { type DemoExchange } from './traffic.ts'

export type AppOptions = {
  /** With `/v1`, as the SDK expects it. */
  openaiBaseUrl: string
  /** Without `/v1`. */
  anthropicBaseUrl: string
  apiKey: string
  exchanges: readonly DemoExchange[]
  /** How many requests are in flight at once. */
  concurrency: number
  onProgress?: (done: number) => void
}

export type AppResult = { answered: number; failed: number }

/** The app: it asks its providers through the official SDKs and knows nothing of who stands between. */
export async function runApp(options: AppOptions): Promise<AppResult> {
  const clients = clientsFor(options)
  const waiting = options.exchanges[Symbol.iterator]()
  const result: AppResult = { answered: 0, failed: 0 }
  const work = async (): Promise<void> => {
    // The workers share one iterator, so each request is asked once.
    for (const exchange of waiting) {
      const answered = await ask(clients, exchange).catch(() => false)
      result[answered ? 'answered' : 'failed'] += 1
      options.onProgress?.(result.answered + result.failed)
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, work))
  return result
}

type Clients = { openai: OpenAI; anthropic: Anthropic }

function clientsFor({ openaiBaseUrl, anthropicBaseUrl, apiKey }: AppOptions): Clients {
  return {
    openai: new OpenAI({ apiKey, baseURL: openaiBaseUrl, maxRetries: 0, timeout: 30_000 }),
    anthropic: new Anthropic({ apiKey, baseURL: anthropicBaseUrl, maxRetries: 0, timeout: 30_000 }),
  }
}

/** Did the user get an answer? */
async function ask({ openai, anthropic }: Clients, exchange: DemoExchange): Promise<boolean> {
  if (kinds[exchange.kind].family === 'anthropic') return askAnthropic(anthropic, exchange)
  return kinds[exchange.kind].streamed ? streamOpenai(openai, exchange) : askOpenai(openai, exchange)
}

function headersOf({ kind, conversationId }: DemoExchange): Record<string, string> {
  return { 'x-understudy-route': kind, 'x-understudy-conversation': conversationId }
}

function chatOf({ kind, system, messages }: DemoExchange) {
  return { model: kinds[kind].model, messages: [{ role: 'system' as const, content: system }, ...messages] }
}

async function streamOpenai(client: OpenAI, exchange: DemoExchange): Promise<boolean> {
  const stream = await client.chat.completions.create(
    { ...chatOf(exchange), stream: true, stream_options: { include_usage: true } },
    { headers: headersOf(exchange) },
  )
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  return text !== ''
}

async function askOpenai(client: OpenAI, exchange: DemoExchange): Promise<boolean> {
  const body = { ...chatOf(exchange), ...extrasOf(exchange) }
  const answer = await client.chat.completions.create(body, { headers: headersOf(exchange) })
  const message = answer.choices[0]?.message
  return message?.content != null || (message?.tool_calls?.length ?? 0) > 0
}

function extrasOf({ kind }: DemoExchange): Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> {
  if (kind === 'invoice') {
    const schema = { name: 'invoice', strict: true, schema: invoiceSchema }
    return { response_format: { type: 'json_schema', json_schema: schema } }
  }
  if (kind !== 'tools') return {}
  return { tools: tools.map((tool) => ({ type: 'function', function: tool })) }
}

async function askAnthropic(client: Anthropic, exchange: DemoExchange): Promise<boolean> {
  const { kind, system, messages } = exchange
  const stream = await client.messages.create(
    { model: kinds[kind].model, max_tokens: 400, system, messages, stream: true },
    { headers: headersOf(exchange) },
  )
  let text = ''
  for await (const event of stream) {
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text
  }
  return text !== ''
}
