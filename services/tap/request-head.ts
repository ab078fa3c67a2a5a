import { type IncomingMessage } from 'node:http'
import { endsHere, type RawHeaders } from './headers.ts'

/**
 * What goes up, in latin1: the client's headers in order and case, with the upstream's host where the client's stood,
 * without those that end here and those of Understudy. An upgrade keeps what asks for it.
 */
export function requestHead(request: IncomingMessage, path: string, host: string, isUpgrade = false): string {
  const { method, rawHeaders, httpVersion } = request
  const isDropped = endsHere(rawHeaders)
  let lines = ''
  let hasHost = false
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    if (name === 'host') {
      if (!hasHost) lines += `${rawHeaders[i]}: ${host}\r\n`
      hasHost = true
    } else if (!isDropped(name) ? isForOthers(name, httpVersion) : isKept(name, isUpgrade)) {
      lines += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`
    }
  }
  return `${method} ${path} HTTP/1.1\r\n${hasHost ? '' : `Host: ${host}\r\n`}${lines}\r\n`
}

/** A chunked body is chunked again; what asks for another protocol is only kept where that is wanted. */
function isKept(name: string, isUpgrade: boolean): boolean {
  return name === 'transfer-encoding' || (isUpgrade && (name === 'connection' || name === 'upgrade'))
}

/** RFC 9110, section 10.1.1: from an HTTP/1.0 client, `Expect` means nothing. */
function isForOthers(name: string, httpVersion: string): boolean {
  if (name === 'expect') return httpVersion === '1.1'
  return name !== 'x-understudy' && !name.startsWith('x-understudy-')
}

// Where a body ends, and to whom it goes, is not for trailers to say.
const notInTrailers = new Set(['content-length', 'host', 'trailer', 'transfer-encoding'])

/** The end of a chunked body. */
export function lastChunk(trailers: RawHeaders): string {
  let lines = ''
  for (let i = 0; i + 1 < trailers.length; i += 2) {
    const name = trailers[i]!.toLowerCase()
    if (!notInTrailers.has(name) && isForOthers(name, '1.1')) lines += `${trailers[i]}: ${trailers[i + 1]}\r\n`
  }
  return `0\r\n${lines}\r\n`
}
