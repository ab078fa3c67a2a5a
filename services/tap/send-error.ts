import { STATUS_CODES } from 'node:http'
import { type Inbound } from './inbound.ts'

type TapError = { type: string; message: string }

/** The tap's own answer, in a shape that the OpenAI and the Anthropic SDK both show to their users. */
export function sendError(inbound: Inbound, status: number, error: TapError): void {
  if (inbound.hasHead) return
  const { lines, body } = refusal(status, error)
  inbound.start(lines)
  inbound.write(Buffer.from(body))
  inbound.end()
}

/** `lines`: all of the head but what belongs to the connection. */
export function refusal(status: number, error: TapError): { lines: string; body: string } {
  const body = JSON.stringify({ type: 'error', error: { ...error, code: error.type, param: null } })
  const lines = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
  return { lines, body }
}
