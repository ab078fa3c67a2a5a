import { endsHere, headerTokens, type RawHeaders } from './headers.ts'
import { type RequestHead } from './request-head.ts'

/**
 * What goes up, in latin1: the client's headers in order and case, with the upstream's host where the client's stood,
 * without those that end here and those of Understudy. An upgrade keeps what asks for it.
 */
export function headForUpstream(
  { method, headers, minor }: RequestHead,
  to: { path: string; host: string; isUpgrade: boolean },
): string {
  const isDropped = endsHere(headers)
  let lines = ''
  let hasHost = false
  let hasTe = false
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]!.toLowerCase()
    if (name === 'host') {
      if (!hasHost) lines += `${headers[i]}: ${to.host}\r\n`
      hasHost = true
    } else if (name === 'te') {
      if (!hasTe) lines += trailersWanted(headers)
      hasTe = true
    } else if (!isDropped(name) ? isForOthers(name, minor) : isKept(name, to.isUpgrade)) {
      lines += `${headers[i]}: ${headers[i + 1]}\r\n`
    }
  }
  return `${method} ${to.path} HTTP/1.1\r\n${hasHost ? '' : `Host: ${to.host}\r\n`}${lines}\r\n`
}

/** RFC 9110, section 10.1.4: trailers pass here, so that they are wanted may pass, too; of codings only chunks do. */
function trailersWanted(headers: RawHeaders): string {
  return headerTokens(headers, 'te').has('trailers') ? 'TE: trailers\r\nConnection: TE\r\n' : ''
}

/** A chunked body is chunked again; what asks for another protocol is only kept where that is wanted. */
function isKept(name: string, isUpgrade: boolean): boolean {
  return name === 'transfer-encoding' || (isUpgrade && (name === 'connection' || name === 'upgrade'))
}

/** RFC 9110, section 10.1.1: from an HTTP/1.0 client, `Expect` means nothing. */
function isForOthers(name: string, minor: number): boolean {
  if (name === 'expect') return minor === 1
  return name !== 'x-understudy' && !name.startsWith('x-understudy-')
}

// Where a body ends, and to whom it goes, is not for trailers to say.
const notInTrailers = new Set(['content-length', 'host', 'trailer', 'transfer-encoding'])

/** The end of a chunked body. */
export function lastChunk(trailers: RawHeaders): string {
  let lines = ''
  for (let i = 0; i + 1 < trailers.length; i += 2) {
    const name = trailers[i]!.toLowerCase()
    if (!notInTrailers.has(name) && isForOthers(name, 1)) lines += `${trailers[i]}: ${trailers[i + 1]}\r\n`
  }
  return `0\r\n${lines}\r\n`
}
