/** The headers that change what a request means. An allow-list: a header nobody thought of cannot leak. */
export const storedRequestHeaders: ReadonlySet<string> = new Set([
  'accept',
  'anthropic-beta',
  'anthropic-version',
  'content-encoding',
  'content-type',
  'openai-beta',
  'x-understudy-tier',
])

/** The headers that tell what happened at the provider. */
export const storedAnswerHeaders: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-type',
  'openai-processing-ms',
  'openai-version',
  'request-id',
  'retry-after',
  'retry-after-ms',
  'x-request-id',
  'x-should-retry',
])

export function withNames(headers: Record<string, string>, names: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.has(name)))
}
