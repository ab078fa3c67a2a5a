/** Where a request goes: decided by the first path segment and the config alone, never by a header or a body. */
export type Target = { upstream: string; path: string }
export type Refusal = { status: 400 | 404; type: string; message: string }

export type UpstreamAddress = { origin: string; prefix: string }

/** Origin and path prefix of a configured base URL: `https://host/team` → `https://host`, `/team`. */
export function addressOf(baseUrl: string): UpstreamAddress {
  const url = new URL(baseUrl)
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') }
}

/**
 * `/<upstream>/<rest>` → `<prefix>/<rest>`, byte for byte. The origin is not made from the request at all, so no shape of
 * `rest` (`//host`, `http://host`, `..%2f`) can change the host; climbing above a configured prefix is refused.
 */
export function targetOf(requestTarget: string, upstreams: ReadonlyMap<string, UpstreamAddress>): Target | Refusal {
  // RFC 9112, section 3.2.2: a server accepts the absolute form. Its host is ignored.
  const path = requestTarget.replace(/^https?:\/\/[^/?#]*/i, '')
  const [, upstream = '', rest = ''] = /^\/([^/?#]*)(.*)$/s.exec(path) ?? []
  const address = upstreams.get(upstream)
  if (address === undefined) return unknownUpstream(upstreams)
  if (address.prefix !== '' && climbs(rest)) return climbing(upstream)
  const sent = address.prefix + rest
  return { upstream, path: sent.startsWith('/') ? sent : `/${sent}` }
}

export function isRefusal(target: Target | Refusal): target is Refusal {
  return 'status' in target
}

function climbs(rest: string): boolean {
  const path = rest.replace(/[?#].*$/s, '')
  const plain = path
    .replaceAll(/%25/gi, '%')
    .replaceAll(/%2e/gi, '.')
    .replaceAll(/%(?:2f|5c|3b)/gi, '/')
  // There are servers to whom `..;a` is `..`.
  return plain.split(/[/\\;]/).includes('..')
}

function unknownUpstream(upstreams: ReadonlyMap<string, UpstreamAddress>): Refusal {
  const known = [...upstreams.keys()].map((name) => `/${name}`).join(', ')
  return {
    status: 404,
    type: 'understudy_unknown_upstream',
    message: `The path must begin with the name of a configured upstream: ${known}. See tap.upstreams in understudy.yaml.`,
  }
}

function climbing(upstream: string): Refusal {
  return {
    status: 400,
    type: 'understudy_path_refused',
    message: `The path climbs above the base URL of upstream "${upstream}": send a path without "..".`,
  }
}
