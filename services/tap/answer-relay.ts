import { type IncomingMessage, type ServerResponse } from 'node:http'
import { type Socket } from 'node:net'
import { type WireEnd } from '../../shared/contracts/exchange.ts'
import { type AnswerHead } from './answer-head.ts'
import { type Asker, type Call, type Failure } from './call.ts'
import { headersForClient, headerValue, type RawHeaders } from './headers.ts'
import { type Passage } from './passage.ts'
import { sendError } from './send-error.ts'

const nothing = Buffer.alloc(0)

/** Hands the upstream's answer to the client: its head, its bytes, its end or its breaking off, as they come. */
export class AnswerRelay implements Asker {
  readonly #passage: Passage
  #call: Call | null = null
  #hasHead = false
  #hasEnded = false
  /** Node holds a head back until something is written after it. */
  #isHeadHeld = false
  /** The client is given neither a length nor chunks: that the connection closes tells it that the answer has ended. */
  #endsByClosing = false

  constructor(passage: Passage) {
    this.#passage = passage
  }

  follow(call: Call): void {
    const { request, response } = this.#passage
    this.#call = call
    response.on('drain', () => call.resume())
    response.on('close', () => this.#clientClosed(call))
    // A response that waits for its turn (pipelining) is not told that its client has left.
    if (response.socket === null) request.socket.setMaxListeners(0).once('close', () => this.#clientClosed(call))
    // A socket error is followed by `close`, which is where it is dealt with.
    response.on('error', () => {})
  }

  drain(): void {
    this.#passage.request.resume()
  }

  information(status: number, headers: RawHeaders): void {
    const { request, response } = this.#passage
    if (request.httpVersion !== '1.1') return
    if (status === 100) response.writeContinue()
    else response.writeInformation(status, headersForClient(headers))
  }

  head(head: AnswerHead): void {
    const { request, response, watcher } = this.#passage
    const { status, reason, headers } = head
    this.#passage.stopwatch.start()
    watcher.answerHead(status, headers)
    this.#endsByClosing = request.httpVersion === '1.0' && headerValue(headers, 'content-length') === null
    response.sendDate = false
    response.writeHead(status, reason, headersOf(head, request))
    this.#hasHead = true
    this.#isHeadHeld = true
  }

  bytes(bytes: Buffer): void {
    const { response, watcher, stopwatch } = this.#passage
    this.#isHeadHeld = false
    watcher.answerBytes(bytes)
    if (!response.write(bytes)) this.#call?.pause()
    stopwatch.pause()
  }

  /** An empty write, because `flushHeaders` encodes the head as UTF-8, and headers are latin1. */
  handedOn(): void {
    if (!this.#isHeadHeld) return
    this.#isHeadHeld = false
    this.#passage.response.write(nothing)
    this.#passage.stopwatch.pause()
  }

  end(trailers: RawHeaders): void {
    const { request, response, watcher } = this.#passage
    watcher.answerEnd()
    if (trailers.length > 0 && response.chunkedEncoding) response.addTrailers(asPairs(trailers))
    // What the client really got is known only when the last byte has left: `finish`, or `close` before it.
    response.end(() => this.#end('complete'))
    this.#passage.stopwatch.pause()
    request.resume()
  }

  /** Only comes where it was asked for. */
  switched(_head: AnswerHead, _rest: Buffer): void {}

  failed(failure: Failure): void {
    if (this.#hasEnded) return
    this.#end(failure.kind === 'unreachable' ? 'unreachable' : 'upstream_aborted')
    if (this.#hasHead || failure.kind === 'closed') return breakOff(this.#passage.response, this.#endsByClosing)
    sendError(this.#passage.response, 502, errorOf(failure, this.#passage.upstream))
    this.#passage.request.resume()
  }

  #clientClosed(call: Call): void {
    this.#end(this.#passage.response.writableFinished ? 'complete' : 'client_aborted')
    call.abort()
  }

  #end(end: WireEnd): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#passage.watcher.end(end)
  }
}

/** Node refuses `Trailer` on an answer that cannot carry trailers. */
function headersOf({ status, headers }: AnswerHead, { method, httpVersion }: IncomingMessage): RawHeaders {
  const kept = headersForClient(headers)
  const isChunked = headerValue(headers, 'transfer-encoding') !== null && httpVersion === '1.1'
  if (isChunked && method !== 'HEAD' && status !== 204 && status !== 304) return kept
  return kept.filter((_, i) => kept[i - (i % 2)]!.toLowerCase() !== 'trailer')
}

/** The client gets what had arrived, then a connection that ends too early: never an end that looks complete. */
function breakOff(response: ServerResponse, endsByClosing: boolean): void {
  const { socket } = response
  if (socket === null) response.once('socket', (assigned: Socket) => breakOffOn(assigned, endsByClosing))
  else breakOffOn(socket, endsByClosing)
}

function breakOffOn(socket: Socket, endsByClosing: boolean): void {
  // Node hands what was written in this turn to the socket when the turn has ended.
  process.nextTick(() => {
    if (endsByClosing) socket.write('', () => socket.resetAndDestroy())
    else socket.destroySoon()
  })
}

function errorOf({ kind, reason }: Failure, upstream: string): { type: string; message: string } {
  const setting = `tap.upstreams.${upstream}.baseUrl`
  if (kind === 'not_http') {
    const message = `What the upstream "${upstream}" answered is not HTTP/1.1: ${reason}. Check that ${setting} names the right scheme, host and port.`
    return { type: 'understudy_upstream_not_http', message }
  }
  const message = `The upstream "${upstream}" could not be reached (${reason}). Check ${setting} and the network between the tap and the provider.`
  return { type: 'understudy_upstream_unreachable', message }
}

function asPairs(headers: RawHeaders): [string, string][] {
  return Array.from({ length: headers.length / 2 }, (_, i) => [headers[2 * i]!, headers[2 * i + 1]!])
}
