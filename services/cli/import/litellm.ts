import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { field, isObject, word } from '../../../shared/dialects/json.ts'
import { type LogFormat, spanMs, unpacked, untold } from './logged.ts'
import { UnusableEntry } from './unusable.ts'

/** Of other providers the parameters are logged as LiteLLM translated them, and what has another name is not logged at all. */
const sameParameters = new Set<unknown>(['openai', 'azure', 'custom_openai', 'hosted_vllm', 'litellm_proxy'])

/**
 * LiteLLM's `StandardLoggingPayload` (its file, bucket and HTTP callbacks write one a call). Only chat completions of
 * providers that speak OpenAI's dialect are read: their requests can be told.
 */
export const litellm: LogFormat = {
  isEntry: (fields) => 'call_type' in fields && 'model_parameters' in fields && 'startTime' in fields,
  read(fields) {
    if (fields['call_type'] !== 'completion' && fields['call_type'] !== 'acompletion') {
      throw new UnusableEntry('other_call')
    }
    if (!sameParameters.has(fields['custom_llm_provider'])) throw new UnusableEntry('other_provider')
    // Nobody was asked: neither the answer nor its time is the model's.
    if (fields['cache_hit'] === true) throw new UnusableEntry('from_cache')
    const { startTime, endTime, completionStartTime, end_user: user } = fields
    return {
      ...untold,
      request: { ...parametersOf(fields), model: modelOf(fields) ?? null, messages: messagesOf(fields) },
      response: field(fields, 'response'),
      time: startTime,
      latencyMs: spanMs(startTime, endTime),
      ttftMs: spanMs(startTime, completionStartTime),
      conversationId: word(user),
    }
  },
}

function messagesOf(fields: JsonObject): Json[] {
  const messages = unpacked(field(fields, 'messages'))
  if (!Array.isArray(messages) || messages.length === 0) throw new UnusableEntry('no_input')
  return messages
}

/** A call that was streamed is logged as one whole answer; that it was streamed is said beside its parameters. */
function parametersOf({ model_parameters: parameters, stream }: JsonObject): JsonObject {
  const given = isObject(parameters) ? parameters : {}
  return stream === true ? { ...given, stream } : given
}

/** As the provider knows it: LiteLLM may have its own name for the provider in front. */
function modelOf({ model, custom_llm_provider: provider }: JsonObject): Json | undefined {
  const prefix = `${word(provider) ?? ''}/`
  return typeof model === 'string' && model.startsWith(prefix) ? model.slice(prefix.length) : model
}
