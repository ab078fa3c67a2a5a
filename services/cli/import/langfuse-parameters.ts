import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { unpacked } from './logged.ts'

const sampling = 'temperature top_p stream tools tool_choice service_tier'
const ofOpenAi = 'user parallel_tool_calls top_logprobs metadata'
const ofCompletions = 'max_tokens frequency_penalty presence_penalty stop seed n logit_bias logprobs'

/** A tracer's own words stand among the parameters; these are the API's. */
const known: Record<Dialect, Set<string>> = {
  'openai-chat': wordsOf(
    `${sampling} ${ofOpenAi} ${ofCompletions} messages max_completion_tokens response_format functions function_call`,
    'reasoning_effort verbosity modalities audio prediction web_search_options',
  ),
  'openai-responses': wordsOf(
    `${sampling} ${ofOpenAi} input instructions max_output_tokens text reasoning include truncation`,
    'previous_response_id conversation prompt background max_tool_calls',
  ),
  'openai-completions': wordsOf(`${ofCompletions} prompt temperature top_p stream user suffix echo best_of`),
  'openai-embeddings': wordsOf('input dimensions encoding_format user'),
  'anthropic-messages': wordsOf(
    `${sampling} messages system max_tokens top_k stop_sequences thinking metadata output_config output_format`,
  ),
}

function wordsOf(...lists: string[]): Set<string> {
  return new Set(lists.flatMap((list) => list.split(' ')))
}

/** Recorded by Langfuse's own clients where the caller said nothing, and meaning nothing where it did. */
const neutral = new Map<string, Json>([
  ['frequency_penalty', 0],
  ['presence_penalty', 0],
  ['n', 1],
])

/** Said by the caller in their own words, which may look like a number. */
const texts = wordsOf('messages input prompt system instructions user stop suffix')

/** What was recorded, in the API's names and types: tracers write names in camelCase, and values as text. */
export function parametersOf(dialect: Dialect, recorded: JsonObject): JsonObject {
  const named = Object.entries(recorded).map(([name, value]): [string, Json] => {
    const own = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    return [own, texts.has(own) ? value : typed(value)]
  })
  return Object.fromEntries(
    named.filter(([name, value]) => known[dialect].has(name) && value !== null && neutral.get(name) !== value),
  )
}

function typed(value: Json): Json {
  if (typeof value !== 'string') return value
  // "No limit", as Python writes it.
  if (/^(\+?inf(inity)?|none|null|not_given|)$/i.test(value)) return null
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true'
  if (/^-?\d+(\.\d+)?([eE]-?\d+)?$/.test(value)) return Number(value)
  return unpacked(value) ?? null
}
