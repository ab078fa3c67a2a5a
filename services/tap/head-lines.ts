import { type RawHeaders } from './headers.ts'

/** What came is not a message of HTTP/1.x; the message says why, without a byte of it. */
export class NotHttp extends Error {}

/** More than there is room for. */
export class HeadTooLarge extends NotHttp {}

const tokenOnly = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const oddBytes = /[^\t\r\n\x20-\x7e\x80-\xff]|\r(?!\n)|(?<!\r)\n/

/**
 * The first line of a head and its headers. `text`: the head without its empty line, in latin1. `folded`: what becomes of
 * lines that go on with the value of the line before (RFC 9112, section 5.2).
 */
export function linesOf(text: string, folded: 'joined' | 'refused'): { first: string; headers: RawHeaders } {
  refuseOddBytes(text)
  const end = text.indexOf('\r\n')
  if (end === -1) return { first: text, headers: [] }
  return { first: text.slice(0, end), headers: fieldsOf(text, end + 2, folded === 'joined') }
}

export function trailersOf(text: string): RawHeaders {
  refuseOddBytes(text)
  return text === '' ? [] : fieldsOf(text, 0, false)
}

export function isToken(text: string): boolean {
  return tokenOnly.test(text)
}

function refuseOddBytes(text: string): void {
  if (oddBytes.test(text)) throw new NotHttp('its head has control characters or lines without CRLF')
}

function fieldsOf(text: string, start: number, mayFold: boolean): RawHeaders {
  const fields: RawHeaders = []
  for (let at = start; at <= text.length;) {
    const next = text.indexOf('\r\n', at)
    const end = next === -1 ? text.length : next
    const colon = text.indexOf(':', at)
    if (mayFold && isBlank(text.charCodeAt(at)) && fields.length > 0) unfold(fields, text, at, end)
    else if (colon === -1 || colon >= end || !isToken(text.slice(at, colon)))
      throw new NotHttp('a line of its head is no header')
    else fields.push(text.slice(at, colon), trimmed(text, colon + 1, end))
    at = end + 2
  }
  return fields
}

function unfold(fields: RawHeaders, text: string, start: number, end: number): void {
  const value = `${fields.pop()!} ${trimmed(text, start, end)}`
  fields.push(trimmed(value, 0, value.length))
}

/** Without the spaces and tabs around it; other white space belongs to the value. */
function trimmed(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
