/** The app's side of the tap, for apps that cannot set a base URL. Imports nothing, so that it can be copied into one. */

export type Fetch = typeof globalThis.fetch

export type TapFetchOptions = {
  /** Where the tap listens: `http://127.0.0.1:8787`. */
  tap: string
  /** Name and base URL of each upstream, as in `tap.upstreams`: `{ openai: 'https://api.openai.com' }`. */
  upstreams: Record<string, string>
  /** What really fetches. */
  fetch?: Fetch
  /** For so long after the tap could not be reached, requests go straight to the provider. */
  awayMs?: number
}

/**
 * A `fetch` that sends requests for the upstreams through the tap, and every other as it is. Where the tap cannot be
 * reached, a request of which nothing was sent yet goes straight to the provider.
 */
export function tapFetch({ tap, upstreams, fetch = globalThis.fetch, awayMs = 1_000 }: TapFetchOptions): Fetch {
  const throughTap = rewriter(tap, upstreams)
  let awayUntilMs = 0

  return async (input, init) => {
    const url = throughTap(input instanceof Request ? input.url : String(input))
    if (url === null || performance.now() < awayUntilMs) return fetch(input, init)
    // What is made from a request takes its body: the other half is for the provider.
    const spare = input instanceof Request ? input.clone() : null
    try {
      const response = await fetch(input instanceof Request ? new Request(url, input) : url, init)
      discard(spare)
      return response
    } catch (err) {
      if (!isUnreachable(err)) {
        discard(spare)
        throw err
      }
      awayUntilMs = performance.now() + awayMs
      if (isConsumed(init?.body)) throw err
      return fetch(spare ?? input, init)
    }
  }
}

/** The tap's URL for a provider's, query and all; null where the tap does not stand before it. */
function rewriter(tap: string, upstreams: Record<string, string>): (url: string) => string | null {
  const base = tap.replace(/\/+$/, '')
  const places = Object.entries(upstreams)
    .map(([name, baseUrl]) => ({ name, prefix: new URL(baseUrl).href.replace(/\/+$/, '') }))
    // An upstream below another's base URL is the more exact of the two.
    .toSorted((a, b) => b.prefix.length - a.prefix.length)
  return (text) => {
    const href = URL.parse(text)?.href
    if (href === undefined) return null
    const place = places.find(({ prefix }) => href.startsWith(prefix) && /^[/?#]|^$/.test(href.slice(prefix.length)))
    return place === undefined ? null : `${base}/${place.name}${href.slice(place.prefix.length)}`
  }
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** No connection came about. A connection that broke is none of these: the provider may have the request. */
function isUnreachable(err: unknown): boolean {
  const code = ((err as Error | undefined)?.cause as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && unreachable.has(code)
}

/** A stream that was begun cannot be sent again. */
function isConsumed(body: unknown): boolean {
  return body instanceof ReadableStream && body.locked
}

function discard(spare: Request | null): void {
  spare?.body?.cancel().catch(() => {})
}
