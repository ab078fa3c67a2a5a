import { type ProviderConfig } from '../config/schema.ts'
import { type Answer } from '../contracts/answer.ts'
import { type Chunk, type Dialect } from '../contracts/exchange.ts'

/** Where a provider is and how it lets us in. */
export type ProviderAccess = Pick<ProviderConfig, 'dialect' | 'baseUrl' | 'apiKey'>

/** One attempt to send. The credentials are the adapter's own; nothing of the recorded client's is in here. */
export type Call = {
  /** JSON text, sent as it is. */
  body: string
  /** Names in lower case. An adapter sends those its dialect gives a meaning to, and no other. */
  headers: Record<string, string>
  timeoutMs: number
  /** Aborts when this program must stop at once. */
  signal: AbortSignal
}

/** How an attempt ended on the wire, whatever it said. */
export type ReplyEnd = 'complete' | 'broken' | 'timeout' | 'unreachable' | 'address_refused'

/** What came back from one attempt. A failure of the provider is a reply, never an exception. */
export type Reply = {
  end: ReplyEnd
  /** Null: no head arrived. */
  status: number | null
  streamed: boolean
  answer: Answer | null
  sizeBytes: number
  chunks: Chunk[]
  /** How long the call waited for its connection; in neither `ttftMs` nor `totalMs`. Null: it got none. */
  connectMs: number | null
  /** From the request's last byte handed to the socket to the first SSE event, or to the first byte of a JSON body. */
  ttftMs: number | null
  totalMs: number | null
  /** How long the provider asks to wait before the next attempt. */
  retryAfterMs: number | null
  /** The provider's own word on whether another attempt makes sense. */
  retryAdvised: boolean | null
}

/** Sends to one provider in one wire dialect. */
export type Adapter = {
  dialect: Dialect
  /** Rejects with STAGE_STOPPING if `call.signal` aborted, and for nothing else. */
  ask(call: Call): Promise<Reply>
}

/** One provider in every wire dialect it is spoken to: the adapter for calls that were recorded in this one. */
export type AdapterFor = (recorded: Dialect) => Adapter
