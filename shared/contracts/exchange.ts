import { z } from 'zod'
import { Answer } from './answer.ts'
import { Body } from './body.ts'

/** Wire dialects by what one request and its answer look like. `openai-completions`: the legacy ones, prompt to text. */
export const Dialect = z.enum([
  'openai-chat',
  'openai-responses',
  'openai-completions',
  'openai-embeddings',
  'anthropic-messages',
])
export type Dialect = z.infer<typeof Dialect>

/** Arrival of one piece of a streamed answer, since the request was sent to the provider. One per SSE event. */
export const Chunk = z.object({ offsetMs: z.number().nonnegative(), sizeBytes: z.int().nonnegative() })
export type Chunk = z.infer<typeof Chunk>

export const Task = z.enum(['text', 'label', 'json', 'tools'])
export type Task = z.infer<typeof Task>

/** Headers by allow-list, names in lower case. Never a credential. */
export const Headers = z.record(z.string(), z.string())

/** How the served answer ended on the wire. All but `complete` are stored and never compared. */
export const WireEnd = z.enum(['complete', 'client_aborted', 'upstream_aborted', 'unreachable'])
export type WireEnd = z.infer<typeof WireEnd>

/**
 * One captured request and the answer the client really got. Self-contained: every later stage works from this record
 * alone, in any order, any number of times.
 */
export const Exchange = z.object({
  version: z.literal(1),
  /** UUIDv7 from the tap; for imports, derived from the content so that a second import is the same exchange. */
  exchangeId: z.uuid(),
  capturedAt: z.iso.datetime({ precision: 3 }),
  source: z.enum(['tap', 'import', 'api']),
  /** Name of the upstream in the config. */
  upstream: z.string(),
  route: z.string(),
  /** What the route was declared to be for; null where it is to be guessed from the request. */
  task: Task.nullable(),
  /** The independent unit of every statistic: exchanges of one conversation share it. */
  conversationId: z.string(),
  /** Salted hash of what `tap.tenantHeader` said. Null or left out: no tenant was named. */
  tenantId: z.string().nullable().optional(),
  /** Inclusion probability under the sampling in force, in (0, 1]; undone in estimates. */
  sampleProbability: z.number().gt(0).lte(1),
  captureMode: z.enum(['full', 'redacted', 'metadata']),
  dialect: Dialect,
  request: z.object({
    method: z.string(),
    /** Path and query as they were sent to the provider. */
    path: z.string(),
    headers: Headers,
    body: Body,
    model: z.string().nullable(),
    streamed: z.boolean(),
  }),
  served: z.object({
    status: z.int().nullable(),
    headers: Headers,
    body: Body,
    end: WireEnd,
    chunks: z.array(Chunk),
    /** From the request's last byte sent to the first byte of content (first SSE event; body for JSON). */
    ttftMs: z.number().nonnegative().nullable(),
    totalMs: z.number().nonnegative().nullable(),
    answer: Answer.nullable(),
  }),
})
export type Exchange = z.infer<typeof Exchange>
