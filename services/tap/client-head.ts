import { type AnswerHead } from './answer-head.ts'
import { endsHere } from './headers.ts'

/**
 * What comes down, in latin1: the first line and the upstream's headers in order and case, without those that end here.
 * `isChunked`: the body's chunks pass as they are, so what says so stays where it stood, and trailers may be announced.
 */
export function headForClient({ status, reason, headers }: AnswerHead, isChunked: boolean): string {
  const isDropped = endsHere(headers)
  let lines = `HTTP/1.1 ${status} ${reason}\r\n`
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]!.toLowerCase()
    const isKept = name === 'transfer-encoding' || name === 'trailer' ? isChunked : !isDropped(name)
    if (isKept) lines += `${headers[i]}: ${headers[i + 1]}\r\n`
  }
  return lines
}
