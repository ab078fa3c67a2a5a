import { type Framing } from './body-parser.ts'
import { linesOf, NotHttp } from './head-lines.ts'
import { headerTokens, headerValue, type RawHeaders } from './headers.ts'

export type AnswerHead = {
  /** HTTP/1.`minor` */
  minor: number
  status: number
  reason: string
  headers: RawHeaders
}

/** Takes the head without its empty line, in latin1: names, values and the reason keep their bytes. Throws NotHttp. */
export function answerHeadOf(text: string): AnswerHead {
  const { first, headers } = linesOf(text, 'joined')
  const [, minor, status, reason = ''] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/.exec(first) ?? []
  if (status === undefined) throw new NotHttp('its first line is not a status line of HTTP/1.0 or 1.1')
  return { minor: Number(minor), status: Number(status), reason, headers }
}

/** RFC 9112, section 6.3. What two readers could frame in two ways is refused. */
export function answerFramingOf({ minor, status, headers }: AnswerHead, method: string): Framing {
  if (method === 'HEAD' || status === 204 || status === 304) return { kind: 'none' }
  const coding = headerValue(headers, 'transfer-encoding')
  const length = headerValue(headers, 'content-length')
  if (coding !== null) {
    if (length !== null) throw new NotHttp('it has both a Content-Length and a Transfer-Encoding')
    if (minor === 0 || coding.toLowerCase() !== 'chunked') throw new NotHttp('its Transfer-Encoding is not "chunked"')
    return { kind: 'chunks' }
  }
  if (length === null) return { kind: 'closing' }
  if (!/^\d{1,15}$/.test(length)) throw new NotHttp('its Content-Length is not one number')
  return length === '0' ? { kind: 'none' } : { kind: 'length', sizeBytes: Number(length) }
}

// Shorter than any provider or load balancer waits, so that a request rarely meets a connection that is being closed.
const defaultIdleMs = 4_000
const maxIdleMs = 60_000
// For the way of a request that leaves at the last moment.
const marginMs = 2_000

/** For how long the connection may wait for another request, in milliseconds: 0 where it cannot carry one. */
export function idleMsOf({ minor, headers }: AnswerHead): number {
  const tokens = headerTokens(headers, 'connection')
  if (minor === 0 ? !tokens.has('keep-alive') : tokens.has('close')) return 0
  const hint = /\btimeout=(\d{1,6})\b/i.exec(headerValue(headers, 'keep-alive') ?? '')?.[1]
  if (hint === undefined) return defaultIdleMs
  const hintMs = Number(hint) * 1_000
  return Math.min(maxIdleMs, Math.max(hintMs / 2, hintMs - marginMs))
}
