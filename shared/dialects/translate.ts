import { type Dialect } from '../contracts/exchange.ts'
import { type Target, type Translation } from './dialect.ts'
import { isObject, isTooDeep, maxDepth, parseJson } from './json.ts'

/** A recorded call: `body` is its raw text, `headers` those that were kept, names in lower case. */
export type RecordedCall = { body: string | null; headers: Record<string, string> }

/** What to send to an arm instead of the recorded call, and what could not be carried over. Never throws. */
export function translate(from: Dialect, call: RecordedCall, target: Target): Translation {
  const body = call.body === null ? undefined : parseJson(call.body)
  if (!isObject(body)) return { ok: false, reason: 'body_not_json', detail: 'the recorded body is not a JSON object' }
  if (isTooDeep(body)) {
    return { ok: false, reason: 'untranslatable', detail: `the recorded body nests deeper than ${maxDepth} levels` }
  }
  if (from !== target.dialect) {
    return { ok: false, reason: 'untranslatable', detail: `${from} is not carried to ${target.dialect}` }
  }
  const model = target.model ?? body.model ?? null
  return { ok: true, body: { ...body, model, ...target.parameters }, headers: call.headers, losses: [] }
}
