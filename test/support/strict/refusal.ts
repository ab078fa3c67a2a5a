import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { refusedMessages } from './anthropic-messages.ts'
import { refusedChat } from './openai-chat.ts'
import { refusedEmbeddings } from './openai-embeddings.ts'
import { refusedResponses } from './openai-responses.ts'

/**
 * Why the real API would refuse a request (400), as its documentation has it; null where it would answer. Written apart
 * from the translator and its tables, so that a wrong translation is refused here.
 */
export function refusalOf(dialect: Dialect, body: unknown, headers: Record<string, string> = {}): string | null {
  if (dialect === 'anthropic-messages') return refusedMessages(body, headers)
  if (dialect === 'openai-responses') return refusedResponses(body)
  if (dialect === 'openai-embeddings') return refusedEmbeddings(body)
  return dialect === 'openai-chat' ? refusedChat(body) : null
}
