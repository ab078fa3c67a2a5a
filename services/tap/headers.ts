/** Headers as they were on the wire, `[name, value, name, value, …]`, in order and case, repeats kept. */
export type RawHeaders = string[]

// RFC 9110, section 7.6.1: these describe one connection. `trailer` is not among them (section 6.6.2).
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** What goes up: no hop-by-hop headers, none of ours, no `host` (the upstream's is set), no `expect` (answered here). */
export function headersForUpstream(headers: RawHeaders): RawHeaders {
  const named = namedByConnection(headers)
  return filterHeaders(
    headers,
    (name) => !hopByHop.has(name) && !named.has(name) && name !== 'host' && name !== 'expect' && !isOurs(name),
  )
}

/** What comes down: everything but hop-by-hop headers. */
export function headersForClient(headers: RawHeaders): RawHeaders {
  const named = namedByConnection(headers)
  return filterHeaders(headers, (name) => !hopByHop.has(name) && !named.has(name))
}

/** Value of a header, its repeats joined as RFC 9110, section 5.3 allows; null where it is absent. */
export function headerValue(headers: RawHeaders, wanted: string): string | null {
  const values: string[] = []
  for (const [name, value] of pairs(headers)) if (name === wanted) values.push(value)
  return values.length === 0 ? null : values.join(', ')
}

/** The headers whose lower-case name is wanted. Nothing else is ever copied, so nothing else can leak. */
export function pickHeaders(headers: RawHeaders, wanted: ReadonlySet<string>): Record<string, string> {
  const picked = new Map<string, string>()
  for (const [name, value] of pairs(headers)) {
    if (!wanted.has(name)) continue
    const earlier = picked.get(name)
    picked.set(name, earlier === undefined ? value : `${earlier}, ${value}`)
  }
  return Object.fromEntries(picked)
}

function filterHeaders(headers: RawHeaders, keep: (name: string) => boolean): RawHeaders {
  const kept: RawHeaders = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (keep(headers[i]!.toLowerCase())) kept.push(headers[i]!, headers[i + 1]!)
  }
  return kept
}

function namedByConnection(headers: RawHeaders): Set<string> {
  const tokens = headerValue(headers, 'connection')?.split(',') ?? []
  return new Set(tokens.map((token) => token.trim().toLowerCase()))
}

function isOurs(name: string): boolean {
  return name === 'x-understudy' || name.startsWith('x-understudy-')
}

function* pairs(headers: RawHeaders): Generator<[name: string, value: string]> {
  for (let i = 0; i + 1 < headers.length; i += 2) yield [headers[i]!.toLowerCase(), headers[i + 1]!]
}
