import { type WireEnd } from '../../shared/contracts/exchange.ts'
import { type AnswerHead } from './answer-head.ts'
import { type Framing } from './body-parser.ts'
import { type Asker, type Call, type Failure } from './call.ts'
import { headForClient } from './client-head.ts'
import { type RawHeaders } from './headers.ts'
import { type Inbound, type InboundListener } from './inbound.ts'
import { type Passage } from './passage.ts'
import { sendError } from './send-error.ts'
import { lastChunk } from './upstream-head.ts'

/** Between the two sides of an exchange: the client's request goes up and the upstream's answer down, as they come. */
export class Relay implements Asker, InboundListener {
  protected readonly passage: Passage
  protected call: Call | null = null
  #hasHead = false
  #hasEnded = false
  /** A client of HTTP/1.0 does not know chunks: it gets what is in them. */
  #unpacksChunks = false

  constructor(passage: Passage) {
    this.passage = passage
  }

  follow(call: Call): void {
    this.call = call
    this.passage.inbound.listener = this
  }

  /** Once the call is over the rest is read and left: a client that is still writing would not see its answer. */
  requestBytes(payload: Buffer): void {
    const { call, passage } = this
    if (call === null || call.isOver) return
    passage.watcher.requestBytes(payload)
    if (!call.write(payload)) passage.inbound.pause()
  }

  requestHandedOn(): void {
    this.call?.flush()
    this.passage.stopwatch.pause()
  }

  requestEnd(trailers: RawHeaders): void {
    const { call, passage } = this
    if (call === null || call.isOver) return
    call.end(passage.inbound.framing.kind === 'chunks' ? lastChunk(trailers) : null)
    passage.watcher.requestSent()
  }

  /** The upload may go on. */
  drain(): void {
    this.passage.inbound.resume()
  }

  information({ status, reason, headers }: AnswerHead): void {
    const lines = headForClient({ minor: 1, status, reason, headers }, false)
    if (!this.passage.inbound.inform(status, lines)) this.call?.pause()
  }

  head(head: AnswerHead, framing: Framing['kind']): void {
    const { inbound, watcher, stopwatch } = this.passage
    stopwatch.start()
    watcher.answerHead(head.status, head.headers)
    this.#hasHead = true
    this.#unpacksChunks = framing === 'chunks' && inbound.head.minor === 0
    inbound.start(
      headForClient(head, framing === 'chunks' && !this.#unpacksChunks),
      this.#unpacksChunks || framing === 'closing',
    )
  }

  bytes(payload: Buffer): void {
    this.passage.watcher.answerBytes(payload)
    if (this.#unpacksChunks) this.#write(payload)
  }

  wire(bytes: Buffer): void {
    if (!this.#unpacksChunks) this.#write(bytes)
  }

  #write(bytes: Buffer): void {
    const { inbound, stopwatch } = this.passage
    if (!inbound.write(bytes)) this.call?.pause()
    stopwatch.pause()
  }

  handedOn(): void {
    this.passage.inbound.flush()
    if (this.#hasHead) this.passage.stopwatch.pause()
  }

  end(): void {
    const { inbound, watcher, stopwatch } = this.passage
    watcher.answerEnd()
    inbound.end()
    if (mayBeUnread(inbound)) this.call?.abort()
    stopwatch.pause()
  }

  answerDrain(): void {
    this.call?.resume()
  }

  answerSent(): void {
    this.#end('complete')
  }

  clientLeft(): void {
    this.#end('client_aborted')
    this.call?.abort()
  }

  /** Only comes where it was asked for. */
  switched(_head: AnswerHead, _rest: Buffer): void {}

  failed(failure: Failure): void {
    if (this.#hasEnded) return
    const { inbound, upstream } = this.passage
    this.#end(failure.kind === 'unreachable' ? 'unreachable' : 'upstream_aborted')
    if (this.#hasHead || failure.kind === 'closed') inbound.breakOff()
    else sendError(inbound, 502, errorOf(failure, upstream))
  }

  #end(end: WireEnd): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.passage.watcher.end(end)
  }
}

const methodsWithBodies = new Set(['POST', 'PUT', 'PATCH'])

/** There are upstreams that answer and take the body they have not read for the next request: somebody else's. */
function mayBeUnread({ head, framing, isInDoubt }: Inbound): boolean {
  return framing.kind !== 'none' && (isInDoubt || !methodsWithBodies.has(head.method))
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
