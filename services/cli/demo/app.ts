import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { kinds } from './kinds.ts'
import { chatRequestOf, headersOf, messagesRequestOf } from './requests.ts'
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
  return kinds[exchange.kind].family === 'anthropic' ? askAnthropic(anthropic, exchange) : askOpenai(openai, exchange)
}

async function askOpenai(client: OpenAI, exchange: DemoExchange): Promise<boolean> {
  const answer = await client.chat.completions.create(chatRequestOf(exchange), { headers: headersOf(exchange) })
  if ('choices' in answer) {
    const message = answer.choices[0]?.message
    return message?.content != null || (message?.tool_calls?.length ?? 0) > 0
  }
  let text = ''
  for await (const chunk of answer) text += chunk.choices[0]?.delta.content ?? ''
  return text !== ''
}

async function askAnthropic(client: Anthropic, exchange: DemoExchange): Promise<boolean> {
  const stream = await client.messages.create(messagesRequestOf(exchange), { headers: headersOf(exchange) })
  let text = ''
  for await (const event of stream) {
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text
  }
  return text !== ''
}
