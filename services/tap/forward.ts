import { type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { type Dispatcher } from 'undici'
import { type WireEnd } from '../../shared/contracts/exchange.ts'
import { headersForClient, headersForUpstream, headerValue, type RawHeaders } from './headers.ts'
import { sendError } from './send-error.ts'
import { type Pool } from './upstreams.ts'

/** Sees everything that passes. Its methods must not throw and must not wait: they stand in the way of the answer. */
export type Watcher = {
  requestBytes(bytes: Uint8Array): void
  /** The request's last byte was handed to the upstream's socket. */
  requestSent(): void
  answerHead(status: number, headers: RawHeaders): void
  answerBytes(bytes: Uint8Array): void
  /** The upstream's last byte is here; the client may still be reading. */
  answerEnd(): void
  /** Called exactly once, last. */
  end(end: WireEnd): void
}

export type Passage = {
  request: IncomingMessage
  response: ServerResponse
  pool: Pool
  upstream: string
  path: string
  watcher: Watcher
}

const nothing = Buffer.alloc(0)

/**
 * One request up, one answer down, both as they flow. Nothing is buffered beyond the sockets' own buffers, nothing is
 * decoded, and each side's end is the other's: a client that leaves closes the upstream's connection, an upstream that
 * breaks off breaks the client's.
 */
export function forward(passage: Passage): void {
  const { request, response, pool, path, watcher } = passage
  const answer = new AnswerRelay(passage)
  response.on('drain', () => answer.resume())
  response.on('close', () => answer.clientClosed())
  // A socket error is followed by `close`, which is where it is dealt with.
  response.on('error', () => {})
  pool.dispatch(
    {
      path,
      method: request.method as Dispatcher.HttpMethod,
      headers: headersForUpstream(request.rawHeaders),
      body: hasBody(request) ? bodyOf(request, watcher) : null,
    },
    answer,
  )
}

/** Hands the upstream's answer to the client. The states are: asked → (head forwarded) → ended, once. */
class AnswerRelay implements Dispatcher.DispatchHandler {
  readonly #passage: Passage
  #controller: Dispatcher.DispatchController | null = null
  #ended = false
  /** The answer has neither a length nor chunks: closing the connection is what ends it. */
  #endsByClosing = false

  constructor(passage: Passage) {
    this.#passage = passage
  }

  resume(): void {
    this.#controller?.resume()
  }

  clientClosed(): void {
    if (this.#ended) return
    this.#end(this.#passage.response.writableFinished ? 'complete' : 'client_aborted')
    this.#controller?.abort(new Error('the client went away'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#ended) controller.abort(new Error('the client went away'))
  }

  onRequestSent(): void {
    this.#passage.watcher.requestSent()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    statusMessage?: string,
  ): void {
    const headers = (controller.rawHeaders as Buffer[]).map((part) => part.toString('latin1'))
    if (status < 200) return this.#sendInformation(status, headers)
    this.#passage.watcher.answerHead(status, headers)
    this.#endsByClosing = this.#passage.request.httpVersion === '1.0' && headerValue(headers, 'content-length') === null
    sendHead(this.#passage, status, statusMessage ?? '', headers)
  }

  onResponseData(controller: Dispatcher.DispatchController, bytes: Buffer): void {
    this.#passage.watcher.answerBytes(bytes)
    if (!this.#passage.response.write(bytes)) controller.pause()
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    const { response, watcher } = this.#passage
    watcher.answerEnd()
    const trailers = ((controller.rawTrailers ?? []) as Buffer[]).map((part) => part.toString('latin1'))
    if (trailers.length > 0 && response.chunkedEncoding) response.addTrailers(asPairs(trailers))
    // What the client really got is known only when the last byte has left: `finish`, or `close` before it.
    response.end(() => this.#end('complete'))
  }

  onResponseError(_controller: unknown, err: Error): void {
    if (this.#ended) return
    const { response, upstream } = this.#passage
    if (this.#controller !== null) {
      this.#end('upstream_aborted')
      return breakOff(response, this.#endsByClosing)
    }
    this.#end('unreachable')
    sendError(response, 502, {
      type: 'understudy_upstream_unreachable',
      message: `The upstream "${upstream}" could not be reached (${reasonOf(err)}). Check tap.upstreams.${upstream}.baseUrl and the network between the tap and the provider.`,
    })
  }

  #sendInformation(status: number, headers: RawHeaders): void {
    const { request, response } = this.#passage
    if (request.httpVersion !== '1.1') return
    const fields: Record<string, string> = {}
    for (const [name, value] of asPairs(headersForClient(headers))) fields[name] = value
    response.writeInformation(status, fields)
  }

  #end(end: WireEnd): void {
    if (this.#ended) return
    this.#ended = true
    this.#passage.watcher.end(end)
  }
}

function sendHead({ request, response }: Passage, status: number, statusMessage: string, raw: RawHeaders): void {
  const headers = headersForClient(raw)
  const hasTrailers = headerValue(raw, 'transfer-encoding') !== null && request.httpVersion === '1.1'
  const bodiless = request.method === 'HEAD' || status === 204 || status === 304
  // Node refuses `Trailer` on an answer that cannot carry trailers.
  const kept = hasTrailers && !bodiless ? headers : without('trailer', headers)
  response.sendDate = false
  response.writeHead(status, statusMessage.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?'), kept)
  // The head leaves now, in one segment with the first piece where that arrived with it. An empty write, because
  // `flushHeaders` encodes the head as UTF-8, and headers are latin1.
  const { socket } = response
  socket?.cork()
  response.write(nothing)
  process.nextTick(() => socket?.uncork())
}

/** The client gets what had arrived, then a connection that ends too early: never an end that looks complete. */
function breakOff(response: ServerResponse, endsByClosing: boolean): void {
  const { socket } = response
  if (socket === null) return void response.destroy()
  if (endsByClosing) socket.write('', () => socket.resetAndDestroy())
  else socket.destroySoon()
}

function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
}

/**
 * The request's body as a stream of its own: undici destroys the stream it is given when the upstream fails, and
 * destroying the request itself would close the client's socket before it can be told.
 */
function bodyOf(request: IncomingMessage, watcher: Watcher): Readable {
  const body = new Readable({
    read: () => void request.resume(),
    destroy(err, done) {
      request.resume()
      done(err)
    },
  })
  body.on('error', () => {})
  request.on('data', (bytes: Buffer) => {
    if (body.destroyed) return
    watcher.requestBytes(bytes)
    if (!body.push(bytes)) request.pause()
  })
  request.on('end', () => void body.push(null))
  request.on('close', () => {
    if (!request.complete) body.destroy(new Error('the client went away'))
  })
  return body
}

function asPairs(headers: RawHeaders): [string, string][] {
  return Array.from({ length: headers.length / 2 }, (_, i) => [headers[2 * i]!, headers[2 * i + 1]!])
}

function without(unwanted: string, headers: RawHeaders): RawHeaders {
  return headers.filter((_, i) => headers[i - (i % 2)]!.toLowerCase() !== unwanted)
}

function reasonOf(err: Error & { code?: string }): string {
  return err.code ?? err.name
}
