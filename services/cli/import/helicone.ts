import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { field, isObject, word } from '../../../shared/dialects/json.ts'
import { idAt, type LogFormat, numberOf, pick, pickWord, unpacked, untold } from './logged.ts'
import { UnusableEntry } from './unusable.ts'

/** What stands for "no cached answer". */
const noReference = /^[0-]*$/

/**
 * A request of Helicone: its API's (`/v1/request/query`, `/v1/request/query-clickhouse`), its export tool's, or a row of
 * HQL's `request_response_rmt`, which has some names of its own. A stream is stored as the whole answer it made.
 */
export const helicone: LogFormat = {
  isEntry: (fields) => 'request_body' in fields || ('request_id' in fields && 'response_status' in fields),
  read(fields) {
    if (!noReference.test(pickWord(fields, 'cache_reference_id') ?? '')) throw new UnusableEntry('from_cache')
    const request = bodyIn(fields, 'request_body')
    const response = bodyIn(fields, 'response_body')
    // Negative: no answer came, as the call was cancelled, refused by Helicone, or is still under way.
    const stated = pick(fields, 'response_status', 'status')
    const status = numberOf(stated)
    if (stated !== undefined && (status ?? 0) < 100) throw new UnusableEntry('no_response')
    return {
      ...untold,
      id: idAt('helicone', pickWord(fields, 'request_id')),
      request: withModel(request, pickWord(fields, 'request_model', 'model', 'response_model')),
      response,
      path: pickWord(fields, 'request_path', 'target_url'),
      time: pick(fields, 'request_created_at'),
      latencyMs: numberOf(pick(fields, 'delay_ms', 'latency')),
      ttftMs: numberOf(pick(fields, 'time_to_first_token')) || null,
      status,
      conversationId: sessionOf(fields) ?? pickWord(fields, 'request_user_id', 'user_id'),
    }
  },
}

/** Helicone puts a message of its own where it was told to leave a body out. */
function bodyIn(fields: JsonObject, name: string): Json {
  const body = unpacked(field(fields, name))
  if (isObject(body) && (field(body, 'helicone_message') ?? field(body, 'heliconeMessage')) !== undefined) {
    throw new UnusableEntry('withheld')
  }
  const isEmpty =
    body === undefined || body === null || body === '' || (isObject(body) && Object.keys(body).length === 0)
  if (isEmpty) throw new UnusableEntry('bodies_apart')
  return body
}

/** Where a deployment's URL names the model, the body does not. */
function withModel(request: Json, model: string | null): Json {
  if (!isObject(request) || word(field(request, 'model')) !== null) return request
  if (model === null) throw new UnusableEntry('no_model')
  return { ...request, model }
}

function sessionOf(fields: JsonObject): string | null {
  const properties = unpacked(pick(fields, 'request_properties', 'properties'))
  if (!isObject(properties)) return null
  const name = Object.keys(properties).find((key) => key.toLowerCase() === 'helicone-session-id')
  return name === undefined ? null : word(properties[name])
}
