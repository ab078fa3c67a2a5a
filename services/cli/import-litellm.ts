import { UnusableLine } from './unusable-line.ts'

type Fields = Record<string, unknown>

/** What content is replaced with where LiteLLM was told not to log it. */
const withheld = 'redacted-by-litellm'

/** Of other providers the parameters are logged as LiteLLM translated them, and what has another name is not logged at all. */
const sameParameters = new Set<unknown>(['openai', 'azure', 'custom_openai', 'hosted_vllm', 'litellm_proxy'])

/**
 * LiteLLM's `StandardLoggingPayload` (its file, bucket and HTTP callbacks write one a call) as the fields of a plain line.
 * Null: not one. Only chat completions of providers that speak OpenAI's dialect are read: their requests can be told.
 */
export function fromLiteLlm(fields: Fields): Fields | null {
  if (!('call_type' in fields && 'model_parameters' in fields && 'startTime' in fields)) return null
  if (fields['call_type'] !== 'completion' && fields['call_type'] !== 'acompletion') {
    throw new UnusableLine('other_call')
  }
  if (!sameParameters.has(fields['custom_llm_provider'])) throw new UnusableLine('other_provider')
  // Nobody was asked: neither the answer nor its time is the model's.
  if (fields['cache_hit'] === true) throw new UnusableLine('from_cache')
  const messages = listOf(fields['messages'])
  if (isWithheld(messages, fields['response'])) throw new UnusableLine('withheld')
  const { startTime, endTime, completionStartTime, end_user: user } = fields
  return {
    request: { ...parametersOf(fields), model: modelOf(fields), messages },
    response: fields['response'],
    timestamp: startTime,
    latency_ms: spanMs(startTime, endTime),
    ttft_ms: spanMs(startTime, completionStartTime),
    conversation_id: typeof user === 'string' && user !== '' ? user : null,
  }
}

function listOf(messages: unknown): unknown[] {
  const list = typeof messages === 'string' ? parse(messages) : messages
  if (!Array.isArray(list) || list.length === 0) throw new UnusableLine('no_request')
  return list
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isWithheld(messages: unknown[], response: unknown): boolean {
  const contents = [...messages, ...answersIn(response)].map((message) => (message as Fields | null)?.['content'])
  return contents.includes(withheld)
}

function answersIn(response: unknown): unknown[] {
  const choices = (response as Fields | null | undefined)?.['choices']
  return Array.isArray(choices) ? choices.map((choice) => (choice as Fields | null)?.['message']) : []
}

/** A call that was streamed is logged as one whole answer; that it was streamed is said beside its parameters. */
function parametersOf({ model_parameters: parameters, stream }: Fields): Fields {
  const given = typeof parameters === 'object' && parameters !== null ? (parameters as Fields) : {}
  return stream === true ? { ...given, stream } : given
}

/** As the provider knows it: LiteLLM may have its own name for the provider in front. */
function modelOf({ model, custom_llm_provider: provider }: Fields): unknown {
  const prefix = `${String(provider)}/`
  return typeof model === 'string' && model.startsWith(prefix) ? model.slice(prefix.length) : model
}

/** From times in seconds; null where one is missing. */
function spanMs(from: unknown, to: unknown): number | null {
  return typeof from === 'number' && typeof to === 'number' && to >= from ? Math.round((to - from) * 1e6) / 1e3 : null
}
