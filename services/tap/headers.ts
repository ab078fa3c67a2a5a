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

// A message that names these in `Connection` would lose its address or where it ends.
const messageOwn = new Set(['host', 'content-length', 'transfer-encoding'])

/** Header names (lower case) that end here: hop-by-hop headers and those that `Connection` names. */
export function endsHere(headers: RawHeaders): (name: string) => boolean {
  const named = headerTokens(headers, 'connection')
  return (name) => hopByHop.has(name) || (named.has(name) && !messageOwn.has(name))
}

/** What comes down: everything but hop-by-hop headers. */
export function headersForClient(headers: RawHeaders): RawHeaders {
  const isDropped = endsHere(headers)
  const kept: RawHeaders = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (!isDropped(headers[i]!.toLowerCase())) kept.push(headers[i]!, headers[i + 1]!)
  }
  return kept
}

/** Value of a header, its repeats joined as RFC 9110, section 5.3 allows; null where it is absent. */
export function headerValue(headers: RawHeaders, wanted: string): string | null {
  const values: string[] = []
  for (const [name, value] of pairs(headers)) if (name === wanted) values.push(value)
  return values.length === 0 ? null : values.join(', ')
}

/** Members of a list header, in lower case. */
export function headerTokens(headers: RawHeaders, wanted: string): Set<string> {
  const tokens = headerValue(headers, wanted)?.split(',') ?? []
  return new Set(tokens.map((token) => token.trim().toLowerCase()))
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

function* pairs(headers: RawHeaders): Generator<[name: string, value: string]> {
  for (let i = 0; i + 1 < headers.length; i += 2) yield [headers[i]!.toLowerCase(), headers[i + 1]!]
}
