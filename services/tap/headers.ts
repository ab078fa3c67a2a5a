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

/** Value of a header, its repeats joined as RFC 9110, section 5.3 allows; null where it is absent. */
export function headerValue(headers: RawHeaders, wanted: string): string | null {
  let value: string | null = null
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]!.length !== wanted.length || headers[i]!.toLowerCase() !== wanted) continue
    value = value === null ? headers[i + 1]! : `${value}, ${headers[i + 1]}`
  }
  return value
}

const noTokens: ReadonlySet<string> = new Set()

/** Members of a list header, in lower case. */
export function headerTokens(headers: RawHeaders, wanted: string): ReadonlySet<string> {
  const value = headerValue(headers, wanted)
  return value === null ? noTokens : new Set(value.split(',').map((token) => token.trim().toLowerCase()))
}

/** The headers whose lower-case name is wanted. Nothing else is ever copied, so nothing else can leak. */
export function pickHeaders(headers: RawHeaders, wanted: ReadonlySet<string>): Record<string, string> {
  const picked: Record<string, string> = {}
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]!.toLowerCase()
    if (!wanted.has(name)) continue
    const earlier = picked[name]
    picked[name] = earlier === undefined ? headers[i + 1]! : `${earlier}, ${headers[i + 1]}`
  }
  return picked
}
