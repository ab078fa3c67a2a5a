import { type Losses } from '../canonical.ts'
import { type JsonObject } from '../dialect.ts'
import { field, isObject } from '../json.ts'

/** A replayed call always tells its usage, and is never kept by the provider. */
export function prepareChatReplay(body: JsonObject, losses: Losses): JsonObject {
  const metered = field(body, 'stream') === true ? withUsage(body) : body
  if (field(body, 'store') !== true) return metered
  losses.add({ parameter: 'store', kind: 'dropped', severity: 'minor', detail: 'a replay is not stored' })
  return { ...metered, store: false }
}

function withUsage(body: JsonObject): JsonObject {
  const options = field(body, 'stream_options')
  return { ...body, stream_options: { ...(isObject(options) ? options : {}), include_usage: true } }
}
