import { z } from 'zod'

const tokens = z.int().nonnegative().nullable()

/**
 * Tokens as the provider counted them, in one normal form: `inputTokens` is everything in the prompt (cache reads and
 * writes included) and `outputTokens` is everything generated (reasoning included). Unknown is null, never 0.
 */
export const Usage = z.object({
  inputTokens: tokens,
  cachedInputTokens: tokens,
  cacheWriteInputTokens: tokens,
  /** The part of `cacheWriteInputTokens` written with the long time to live (Anthropic: one hour). */
  cacheWriteLongInputTokens: tokens,
  outputTokens: tokens,
  reasoningTokens: tokens,
})
export type Usage = z.infer<typeof Usage>

/** A tool the model asked for. `argumentsText` is its text on the wire, kept even where it is not JSON. */
export const ToolCall = z.object({ id: z.string().nullable(), name: z.string(), argumentsText: z.string() })
export type ToolCall = z.infer<typeof ToolCall>

/** How the model's turn ended, told apart by what it means for the user. */
export const AnswerOutcome = z.enum(['ok', 'truncated_by_limit', 'refused', 'error', 'incomplete_stream', 'paused'])
export type AnswerOutcome = z.infer<typeof AnswerOutcome>

export const Finish = z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'pause'])
export type Finish = z.infer<typeof Finish>

export const AnswerError = z.object({
  /** The provider's own word: `rate_limit_error`, `insufficient_quota`, … */
  type: z.string().nullable(),
  code: z.string().nullable(),
  message: z.string().nullable(),
})
export type AnswerError = z.infer<typeof AnswerError>

/** What a model said, in the one canonical form. Streamed or not, the same answer is the same object. */
export const Answer = z.object({
  /** The model that answered, as the provider names it. */
  model: z.string().nullable(),
  outcome: AnswerOutcome,
  finish: Finish.nullable(),
  nativeFinish: z.string().nullable(),
  /** The stop string that ended the turn, where the provider says so. */
  stopSequence: z.string().nullable(),
  text: z.string(),
  thinkingText: z.string(),
  refusalText: z.string().nullable(),
  toolCalls: z.array(ToolCall),
  /** Tools that ran at the provider: never replayed. */
  serverToolCalls: z.array(ToolCall),
  usage: Usage,
  serviceTier: z.string().nullable(),
  /** The protocol's own end was seen: `[DONE]`, `message_stop`, or a whole JSON body. */
  complete: z.boolean(),
  /** Departures from the wire format that were tolerated, counted, and kept: `tool_index_starts_at_1`, … */
  anomalies: z.array(z.string()),
  error: AnswerError.nullable(),
})
export type Answer = z.infer<typeof Answer>
