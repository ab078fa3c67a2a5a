import { headerTokens, headerValue, type RawHeaders } from './headers.ts'

export type AnswerHead = {
  /** HTTP/1.`minor` */
  minor: number
  status: number
  reason: string
  headers: RawHeaders
}

/** How the end of a body is found: by its length, by its last chunk, by closing the connection, or there is no body. */
export type Framing = { kind: 'none' | 'chunks' | 'closing' } | { kind: 'length'; sizeBytes: number }

/** What came is not an answer in HTTP/1.x; the message says why, without a byte of it. */
export class NotHttp extends Error {}

/** The lines of a head, without the empty one, in latin1: names, values and the reason keep their bytes. */
export function headOf(text: string): AnswerHead {
  refuseOddBytes(text)
  const lines = text.split('\r\n')
  const [, minor, status, reason = ''] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/.exec(lines[0]!) ?? []
  if (status === undefined) throw new NotHttp('its first line is not a status line of HTTP/1.0 or 1.1')
  return { minor: Number(minor), status: Number(status), reason, headers: fieldsOf(lines, 1) }
}

export function trailersOf(text: string): RawHeaders {
  refuseOddBytes(text)
  return text === '' ? [] : fieldsOf(text.split('\r\n'), 0)
}

/** RFC 9112, section 6.3. What two readers could frame in two ways is refused. */
export function framingOf({ minor, status, headers }: AnswerHead, method: string): Framing {
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

function fieldsOf(lines: string[], first: number): RawHeaders {
  const fields: RawHeaders = []
  for (let i = first; i < lines.length; i += 1) {
    const line = lines[i]!
    const colon = line.indexOf(':')
    if (isFolded(line) && fields.length > 0) unfold(fields, line)
    else if (colon < 1 || !tokenOnly.test(line.slice(0, colon))) throw new NotHttp('a line of its head is no header')
    else fields.push(line.slice(0, colon), trimmed(line.slice(colon + 1)))
  }
  return fields
}

const tokenOnly = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const oddBytes = /[^\t\r\n\x20-\x7e\x80-\xff]|\r(?!\n)|(?<!\r)\n/

function refuseOddBytes(text: string): void {
  if (oddBytes.test(text)) throw new NotHttp('its head has control characters or lines without CRLF')
}

function isFolded(line: string): boolean {
  return line.startsWith(' ') || line.startsWith('\t')
}

/** RFC 9112, section 5.2: a proxy joins a folded value with a space, or refuses the answer. */
function unfold(fields: RawHeaders, line: string): void {
  fields.push(trimmed(`${fields.pop()!} ${trimmed(line)}`))
}

/** Without the spaces and tabs around it; other white space belongs to the value. */
function trimmed(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isBlank(value.charCodeAt(start))) start += 1
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1
  return value.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
