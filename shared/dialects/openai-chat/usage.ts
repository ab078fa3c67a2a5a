import { type Usage } from '../../contracts/answer.ts'
import { type Json } from '../dialect.ts'
import { count, field } from '../json.ts'

/**
 * `prompt_tokens` holds the cached tokens and `completion_tokens` the reasoning. Some compatible vendors (xAI) count
 * reasoning on top; their total shows it.
 */
export function readUsage(usage: Json): Usage {
  const input = count(field(usage, 'prompt_tokens'))
  const promptDetails = field(usage, 'prompt_tokens_details')
  const reasoning = count(field(field(usage, 'completion_tokens_details'), 'reasoning_tokens'))
  return {
    inputTokens: input,
    cachedInputTokens: count(field(promptDetails, 'cached_tokens')),
    cacheWriteInputTokens: count(field(promptDetails, 'cache_write_tokens')),
    cacheWriteLongInputTokens: null,
    outputTokens: outputTokens(usage, input, reasoning),
    reasoningTokens: reasoning,
  }
}

function outputTokens(usage: Json, input: number | null, reasoning: number | null): number | null {
  const completion = count(field(usage, 'completion_tokens'))
  const total = count(field(usage, 'total_tokens'))
  if (completion === null || input === null || reasoning === null) return completion
  return total === input + completion + reasoning ? completion + reasoning : completion
}
