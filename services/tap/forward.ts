import { type IncomingMessage } from 'node:http'
import { AnswerRelay } from './answer-relay.ts'
import { type Call } from './call.ts'
import { type Passage } from './passage.ts'
import { lastChunk, requestHead } from './request-head.ts'
import { sendError } from './send-error.ts'
import { UpgradeRelay } from './upgrade-relay.ts'

export { type Watcher } from './passage.ts'

/**
 * One request up, one answer down, both as they flow. Nothing is buffered beyond the sockets' own buffers, nothing is
 * decoded, and each side's end is the other's: a client that leaves closes the upstream's connection, an upstream that
 * breaks off breaks the client's.
 */
export function forward(passage: Passage): void {
  const { request, pool, path, early } = passage
  const coding = request.headers['transfer-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return refuseCoding(passage)
  const isUpgrade = early !== undefined
  const relay = isUpgrade ? new UpgradeRelay(passage, early) : new AnswerRelay(passage)
  const head = requestHead(request, path, pool.host, isUpgrade)
  const question = { method: request.method!, head, isChunked: coding !== undefined, maySwitch: isUpgrade }
  const call = pool.ask(question, relay)
  passage.stopwatch.pause()
  relay.follow(call)
  send(passage, call)
}

function send({ request, watcher }: Passage, call: Call): void {
  const end = () => {
    if (call.isOver) return
    call.end(lastChunk(request.rawTrailers))
    watcher.requestSent()
  }
  if (!hasBody(request)) return end()
  // Once the call is over the rest is read and left: a client that is still writing would not see its answer.
  request.on('data', (bytes: Buffer) => {
    if (call.isOver) return
    watcher.requestBytes(bytes)
    if (!call.write(bytes)) request.pause()
  })
  request.on('end', end)
}

function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
}

/** A coding of the connection (RFC 9112, section 7) that is not undone here; passed on, it could be read in two ways. */
function refuseCoding({ response, watcher }: Passage): void {
  watcher.end('unreachable')
  response.shouldKeepAlive = false
  sendError(response, 501, {
    type: 'understudy_transfer_coding_refused',
    message: 'The only Transfer-Encoding that is passed on is "chunked": send the body with that or a Content-Length.',
  })
}
