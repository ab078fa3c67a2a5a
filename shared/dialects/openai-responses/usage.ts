import { type Usage } from '../../contracts/answer.ts'
import { type Json } from '../dialect.ts'
import { count, field } from '../json.ts'

/** `input_tokens` holds cached and written tokens, `output_tokens` the reasoning. Cache writes last 30 minutes or 12 hours. */
export function readResponsesUsage(usage: Json): Usage {
  const input = field(usage, 'input_tokens_details')
  return {
    inputTokens: count(field(usage, 'input_tokens')),
    cachedInputTokens: count(field(input, 'cached_tokens')),
    cacheWriteInputTokens: count(field(input, 'cache_write_tokens')),
    cacheWriteLongInputTokens: count(field(field(input, 'cache_write_tokens_details'), 'ttl_12h_tokens')),
    outputTokens: count(field(usage, 'output_tokens')),
    reasoningTokens: count(field(field(usage, 'output_tokens_details'), 'reasoning_tokens')),
  }
}
