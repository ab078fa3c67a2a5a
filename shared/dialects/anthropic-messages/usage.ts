import { type Usage } from '../../contracts/answer.ts'
import { type Json } from '../dialect.ts'
import { count, field } from '../json.ts'

/** Token counts as the wire says them. `message_delta` repeats some of them, cumulatively. */
export type NativeUsage = {
  input: number | null
  cacheRead: number | null
  cacheWrite: number | null
  cacheWriteFiveMinutes: number | null
  cacheWriteOneHour: number | null
  output: number | null
  thinking: number | null
}

export const noUsage: Readonly<NativeUsage> = Object.freeze({
  input: null,
  cacheRead: null,
  cacheWrite: null,
  cacheWriteFiveMinutes: null,
  cacheWriteOneHour: null,
  output: null,
  thinking: null,
})

/** Later numbers replace earlier ones and are never added; absent or null ones leave them. */
export function overwriteUsage(before: NativeUsage, usage: Json | undefined): NativeUsage {
  const creation = field(usage, 'cache_creation')
  return {
    input: count(field(usage, 'input_tokens')) ?? before.input,
    cacheRead: count(field(usage, 'cache_read_input_tokens')) ?? before.cacheRead,
    cacheWrite: count(field(usage, 'cache_creation_input_tokens')) ?? before.cacheWrite,
    cacheWriteFiveMinutes: count(field(creation, 'ephemeral_5m_input_tokens')) ?? before.cacheWriteFiveMinutes,
    cacheWriteOneHour: count(field(creation, 'ephemeral_1h_input_tokens')) ?? before.cacheWriteOneHour,
    output: count(field(usage, 'output_tokens')) ?? before.output,
    thinking: count(field(field(usage, 'output_tokens_details'), 'thinking_tokens')) ?? before.thinking,
  }
}

/** `input_tokens` leaves out what was read from or written to the cache; the normal form takes it in. */
export function normalUsage(native: NativeUsage): Usage {
  const parts = [native.cacheWriteFiveMinutes, native.cacheWriteOneHour].filter((part) => part !== null)
  const cacheWrite = native.cacheWrite ?? (parts.length === 0 ? null : parts.reduce((sum, part) => sum + part, 0))
  const input = native.input === null ? null : native.input + (native.cacheRead ?? 0) + (cacheWrite ?? 0)
  return {
    inputTokens: input,
    cachedInputTokens: native.cacheRead,
    cacheWriteInputTokens: cacheWrite,
    cacheWriteLongInputTokens: native.cacheWriteOneHour,
    outputTokens: native.output,
    reasoningTokens: native.thinking,
  }
}
