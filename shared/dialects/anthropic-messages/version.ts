import { losesSampling } from '../apply-rules.ts'
import { type JsonObject } from '../dialect.ts'
import { field, word } from '../json.ts'

const newest = '2026-10-21'
/** Still served, and takes sampling parameters where the model does. */
const withSampling = '2023-06-01'

/** The API version under which the body loses least: the newest, unless only the older one takes its sampling. */
export function chooseVersion(body: JsonObject): string {
  const context = {
    dialect: 'anthropic-messages' as const,
    model: word(field(body, 'model')) ?? '',
    servedThinks: false,
  }
  const isLostInNewest = losesSampling(body, { ...context, version: newest })
  const isKeptInOlder = !losesSampling(body, { ...context, version: withSampling })
  return isLostInNewest && isKeptInOlder ? withSampling : newest
}
