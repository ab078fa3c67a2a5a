import { type ServerResponse } from 'node:http'

/** The tap's own answer, in a shape that the OpenAI and the Anthropic SDK both show to their users. */
export function sendError(response: ServerResponse, status: number, error: { type: string; message: string }): void {
  if (response.headersSent || response.destroyed) return
  const body = JSON.stringify({ type: 'error', error: { ...error, code: error.type, param: null } })
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
