/** What a client gave, as plain data that can be compared: errors with their class, causes and own fields. */
export function plain(value: unknown, depth = 0): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (depth > 12) return '…'
  if (value instanceof Date) return 'a date'
  if (value instanceof Headers) return withoutHops(Object.fromEntries(value))
  if (Array.isArray(value)) return value.map((entry) => plain(entry, depth + 1))
  const fields: Record<string, unknown> = {}
  const kind = value.constructor?.name
  if (kind !== undefined && kind !== 'Object') fields['class'] = kind
  if (value instanceof Error) Object.assign(fields, { message: value.message, cause: plain(value.cause, depth + 1) })
  for (const [key, entry] of Object.entries(value)) {
    if (ofTheRun.has(key)) continue
    const told = plain(entry, depth + 1)
    if (told !== undefined) fields[key] = isHeaders(key, told) ? withoutHops(told) : told
  }
  return fields
}

// undici tells of the connection: its ports, and the bytes of all that it has carried. The AI SDK measures.
const ofTheRun = new Set(['socket', 'toolExecutionMs'])

const isHeaders = (key: string, value: unknown): value is Record<string, unknown> =>
  /headers$/i.test(key) && typeof value === 'object' && value !== null

// RFC 9110, section 7.6.1: they describe a connection, and the tap's to the client is another than the provider's to it.
const hops = new Set(['connection', 'keep-alive', 'transfer-encoding'])

function withoutHops(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hops.has(name.toLowerCase())))
}

/** The same, with what is new every time put alike: where the client was sent, and random ids. */
export function comparable(value: unknown, baseUrl: string): unknown {
  const text = JSON.stringify(plain(value) ?? null)
  return JSON.parse(
    text
      .replaceAll(baseUrl, 'http://base')
      .replaceAll(new URL(baseUrl).origin, 'http://base')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'a-uuid'),
  )
}

/** The headers that the provider saw, in order and case, but the address and those of the connection. */
export function sentHeaders(rawHeaders: readonly string[]): [name: string, value: string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) pairs.push([rawHeaders[i]!, rawHeaders[i + 1]!])
  return pairs.filter(([name]) => name.toLowerCase() !== 'host' && !hops.has(name.toLowerCase()))
}
