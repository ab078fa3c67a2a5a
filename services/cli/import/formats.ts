import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { helicone } from './helicone.ts'
import { langfuse } from './langfuse.ts'
import { litellm } from './litellm.ts'
import { type LogFormat } from './logged.ts'
import { openai } from './openai.ts'
import { plain } from './plain.ts'

/** In the order in which an entry is tried: some know an entry by names that the ones before them have too. */
export const formats = { litellm, helicone, langfuse, plain, openai } satisfies Record<string, LogFormat>

export type FormatName = keyof typeof formats

export const formatNames = Object.keys(formats) as FormatName[]

export function formatOf(fields: JsonObject): LogFormat | undefined {
  return Object.values(formats).find((format) => format.isEntry(fields))
}
