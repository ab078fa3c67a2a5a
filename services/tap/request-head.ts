import { type Framing } from './body-parser.ts'
import { isToken, linesOf, NotHttp } from './head-lines.ts'
import { headerTokens, headerValue, type RawHeaders } from './headers.ts'

export type RequestHead = {
  method: string
  /** As it stood in the first line. */
  target: string
  /** HTTP/1.`minor` */
  minor: number
  headers: RawHeaders
}

/** Takes the head without its empty line, in latin1. Throws NotHttp, also for what RFC 9112 lets a server refuse. */
export function requestHeadOf(text: string): RequestHead {
  const { first, headers } = linesOf(text, 'refused')
  const [, method = '', target = '', minor] = /^([^ ]+) ([^ \t]+) HTTP\/1\.([01])$/.exec(first) ?? []
  if (minor === undefined || !isToken(method))
    throw new NotHttp('its first line is not a request line of HTTP/1.0 or 1.1')
  const head = { method, target, minor: Number(minor), headers }
  if (method === 'CONNECT') throw new NotHttp('it asks for a tunnel')
  const host = headerValue(headers, 'host')
  if (minor === '1' && host === null) throw new NotHttp('it names no Host')
  // Two of them come joined with a space.
  if (host?.includes(' ') === true) throw new NotHttp('it names more than one Host')
  return head
}

/** RFC 9112, section 6.3. What two readers could frame in two ways is refused. */
export function requestFramingOf({ minor, headers }: RequestHead): Framing {
  const coding = headerValue(headers, 'transfer-encoding')
  const length = headerValue(headers, 'content-length')
  if (coding !== null) {
    if (length !== null) throw new NotHttp('it has both a Content-Length and a Transfer-Encoding')
    if (minor === 0) throw new NotHttp('it has a Transfer-Encoding, which HTTP/1.0 does not know')
    refuseOtherCodings(coding)
    return { kind: 'chunks' }
  }
  if (length === null || length === '0') return { kind: 'none' }
  if (!/^\d{1,15}$/.test(length)) throw new NotHttp('its Content-Length is not one number')
  return Number(length) === 0 ? { kind: 'none' } : { kind: 'length', sizeBytes: Number(length) }
}

function refuseOtherCodings(coding: string): void {
  const codings = coding.toLowerCase().split(/[ \t]*,[ \t]*/)
  const chunkedAt = codings.indexOf('chunked')
  if (chunkedAt !== -1 && chunkedAt !== codings.length - 1) throw new NotHttp('its last coding is not "chunked"')
  if (codings.length > 1 || chunkedAt === -1) throw new CodingRefused('its Transfer-Encoding is not "chunked"')
}

/** A coding of the connection (RFC 9112, section 7) that is not undone here; passed on, it could be read in two ways. */
export class CodingRefused extends NotHttp {}

/** Will the client ask again on this connection? RFC 9112, section 9.3. */
export function keepsAlive({ minor, headers }: RequestHead): boolean {
  const tokens = headerTokens(headers, 'connection')
  return minor === 0 ? tokens.has('keep-alive') && !tokens.has('close') : !tokens.has('close')
}

/** Other protocols (h2c) are optional by nature: such a request is served as the HTTP/1.1 request that it is. */
export function asksForWebSocket({ method, minor, headers }: RequestHead, framing: Framing): boolean {
  if (method !== 'GET' || minor === 0 || framing.kind !== 'none') return false
  return (
    headerValue(headers, 'upgrade')?.toLowerCase() === 'websocket' && headerTokens(headers, 'connection').has('upgrade')
  )
}
