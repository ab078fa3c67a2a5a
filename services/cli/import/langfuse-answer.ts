import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { field, isObject, list, text, word } from '../../../shared/dialects/json.ts'
import { chatMessage } from './langfuse-messages.ts'
import { numberOf, pick, unpacked } from './logged.ts'
import { dialectOfAnswer } from './shapes.ts'
import { UnusableEntry } from './unusable.ts'

const responsesItems = ['message', 'function_call', 'custom_tool_call', 'reasoning']
const anthropicBlocks = ['tool_use', 'thinking', 'redacted_thinking']

/** Whose answer an output is, where it tells: whole, its items, its blocks or its message. */
export function kindOfOutput(output: Json | undefined): Dialect | null {
  if (isObject(output) && dialectOfAnswer(output) !== null) return dialectOfAnswer(output)
  const types = asList(output).map((item) => word(field(item, 'type')))
  if (types.some((type) => responsesItems.includes(type ?? ''))) return 'openai-responses'
  const blocks = isObject(output) ? list(field(output, 'content')) : asList(output)
  if (blocks.some((block) => anthropicBlocks.includes(text(field(block, 'type')) ?? ''))) return 'anthropic-messages'
  return null
}

/** The output as the answer that it was part of. How it finished is left open where nothing tells. */
export function answerOf(kind: Dialect, output: Json, fields: JsonObject, model: string): JsonObject {
  if (isObject(output) && dialectOfAnswer(output) !== null) return output
  const usage = usageOf(kind, fields)
  const told = { model, ...(usage === null ? {} : { usage }) }
  if (kind === 'openai-chat') return { object: 'chat.completion', ...told, choices: choicesOf(output) }
  if (kind === 'openai-responses') return { object: 'response', status: 'completed', ...told, output: itemsOf(output) }
  if (kind === 'anthropic-messages') return { type: 'message', role: 'assistant', ...told, content: blocksOf(output) }
  if (kind === 'openai-completions' && typeof output === 'string') {
    return { object: 'text_completion', ...told, choices: [{ index: 0, text: output, finish_reason: null }] }
  }
  throw new UnusableEntry('unknown_shape')
}

function asList(output: Json | undefined): Json[] {
  return Array.isArray(output) ? output : isObject(output) ? [output] : []
}

function choicesOf(output: Json): Json[] {
  const messages = typeof output === 'string' ? [{ content: output }] : asList(output)
  if (messages.length === 0) throw new UnusableEntry('unknown_shape')
  return messages.map((message, index) => ({
    index,
    finish_reason: null,
    message: { role: 'assistant', ...chatMessage(message) },
  }))
}

function itemsOf(output: Json): Json[] {
  if (typeof output !== 'string') return asList(output)
  return [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: output }] }]
}

function blocksOf(output: Json): Json[] {
  const content = isObject(output) ? (field(output, 'content') ?? null) : output
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (!Array.isArray(content)) throw new UnusableEntry('unknown_shape')
  return content
}

/** Under the names that its own clients and LangChain's tracer give, Langfuse counts each kind of token once, so cached and reasoning tokens stand beside the rest; the APIs include them. */
function usageOf(kind: Dialect, fields: JsonObject): JsonObject | null {
  const details = unpacked(pick(fields, 'usageDetails', 'usage_details', 'usage'))
  const counts = isObject(details)
    ? details
    : {
        input: pick(fields, 'promptTokens', 'inputUsage') ?? null,
        output: pick(fields, 'completionTokens', 'outputUsage') ?? null,
      }
  const [input, output] = [sumOf(counts, 'input'), sumOf(counts, 'output')]
  if (input + output === 0) return null
  const cached = tokens(counts, 'input_cached_tokens') + tokens(counts, 'input_cache_read')
  const reasoning = tokens(counts, 'output_reasoning_tokens') + tokens(counts, 'output_reasoning')
  if (kind === 'openai-chat' || kind === 'openai-completions') {
    return {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      ...(cached > 0 ? { prompt_tokens_details: { cached_tokens: cached } } : {}),
      ...(reasoning > 0 ? { completion_tokens_details: { reasoning_tokens: reasoning } } : {}),
    }
  }
  if (kind === 'openai-responses') {
    return {
      input_tokens: input,
      output_tokens: output,
      total_tokens: input + output,
      ...(cached > 0 ? { input_tokens_details: { cached_tokens: cached } } : {}),
      ...(reasoning > 0 ? { output_tokens_details: { reasoning_tokens: reasoning } } : {}),
    }
  }
  return {
    input_tokens: tokens(counts, 'input'),
    output_tokens: tokens(counts, 'output'),
    cache_read_input_tokens: tokens(counts, 'cache_read_input_tokens'),
    cache_creation_input_tokens: tokens(counts, 'cache_creation_input_tokens'),
  }
}

function sumOf(counts: JsonObject, side: 'input' | 'output'): number {
  const names = Object.keys(counts).filter((name) => name.includes(side))
  return names.reduce((sum, name) => sum + tokens(counts, name), 0)
}

function tokens(counts: JsonObject, name: string): number {
  return Math.round(numberOf(field(counts, name)) ?? 0)
}
