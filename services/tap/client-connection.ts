import { type Socket } from 'node:net'
import { BodyParser } from './body-parser.ts'
import { pieceOverheadBytes } from './copied-bytes.ts'
import { HeadTooLarge, NotHttp } from './head-lines.ts'
import { Inbound, keepAliveMs } from './inbound.ts'
import { CodingRefused, requestFramingOf, requestHeadOf } from './request-head.ts'
import { Section } from './section.ts'
import { refusal } from './send-error.ts'

const maxHeadBytes = 65_536
// What a client may send before the answer to its last request; more of it waits in the client's socket.
const maxHeldBytes = 65_536
// For a client that is still writing to read its answer.
const lingerMs = 2_000

export type ClientConnectionOptions = {
  /** Called once a request when its head has arrived; sets the inbound's listener or answers at once. Must not throw. */
  handle(inbound: Inbound): void
  /** No further requests are taken. */
  isClosing(): boolean
  headTimeoutMs: number
}

type State = 'head' | 'body' | 'answer' | 'lingering' | 'given away'

/**
 * One connection of a client: its requests one after the other, each when the one before it has been answered (RFC 9112,
 * section 9.3.2). Strict: what two readers could understand in two ways is refused.
 */
export class ClientConnection {
  readonly socket: Socket
  readonly #options: ClientConnectionOptions
  readonly #section = new Section(maxHeadBytes)
  #state: State = 'head'
  #inbound: Inbound | null = null
  #body: BodyParser | null = null
  #isReading = false
  #isAnswered = false
  #closesAfter = false
  /** What came too early. */
  #held: Buffer[] = []
  /** What holding it costs. */
  #heldBytes = 0
  /** Monotonic clock. For as long as the connection may wait for something, that began then. */
  #sinceMs = performance.now()

  constructor(socket: Socket, options: ClientConnectionOptions) {
    this.socket = socket
    this.#options = options
    socket.on('data', this.#onData)
    socket.on('drain', this.#onDrain)
    socket.on('end', this.#onEnd)
    // Followed by `close`, which is where it is dealt with.
    socket.on('error', () => {})
    socket.on('close', () => this.#inbound?.leave())
  }

  /** Nothing is under way. */
  get isIdle(): boolean {
    return this.#state === 'head' && this.#section.isEmpty
  }

  isClosing(): boolean {
    return this.#options.isClosing()
  }

  /** Closes what has waited for too long. `nowMs`: monotonic clock. */
  sweep(nowMs: number): void {
    const waitedMs = nowMs - this.#sinceMs
    if (waitedMs <= this.#mayWaitMs()) return
    if (this.#state !== 'head' || this.isIdle) this.socket.destroy()
    else this.#refuse(408, 'understudy_request_timeout', 'The head of the request did not end in time.')
  }

  /** A request under way may take its time, and so may a client that reads its answer. */
  #mayWaitMs(): number {
    if (this.#state === 'head') return this.isIdle ? keepAliveMs : this.#options.headTimeoutMs
    if (this.#state === 'lingering') return this.socket.writableFinished ? lingerMs : Infinity
    const isLeftOver = this.#state === 'body' && this.#isAnswered && this.socket.writableLength === 0
    return isLeftOver ? keepAliveMs : Infinity
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    if (this.#heldBytes <= maxHeldBytes) this.socket.resume()
  }

  readonly #onData = (bytes: Buffer): void => {
    if (this.#state === 'answer') this.#hold(bytes)
    else if (this.#state !== 'lingering') this.#read(bytes)
  }

  readonly #onDrain = (): void => {
    if (this.#isAnswered) this.#advance()
    else this.#inbound?.listener?.answerDrain()
  }

  /** A client that ends its side is taken for one that has left. */
  readonly #onEnd = (): void => {
    this.#abandon()
    this.socket.destroySoon()
  }

  /** The answer under way does not go on. */
  #abandon(): void {
    if (this.#isAnswered) return
    this.#inbound?.leave()
    // Closed in order, it would look complete.
    if (this.#inbound?.endsByClosing === true) this.socket.resetAndDestroy()
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes)
    this.#heldBytes += bytes.length + pieceOverheadBytes
    if (this.#heldBytes > maxHeldBytes) this.socket.pause()
  }

  #takeHeld(): Buffer {
    const held = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held)
    this.#held = []
    this.#heldBytes = 0
    return held
  }

  #read(bytes: Buffer): void {
    this.#isReading = true
    try {
      for (let at = 0; at < bytes.length && this.#state !== 'lingering';) {
        if (this.#state === 'head') at = this.#readHead(bytes, at)
        else if (this.#state === 'body') at = this.#readBody(bytes, at)
        else {
          this.#hold(bytes.subarray(at))
          break
        }
        if (this.#isAnswered) this.#advance()
      }
      this.#inbound?.listener?.requestHandedOn()
    } catch (err) {
      this.#refuseFor(err)
    }
    this.#isReading = false
  }

  /** How far it has read. */
  #readHead(bytes: Buffer, start: number): number {
    let at = start
    if (this.#section.isEmpty) {
      // RFC 9112, section 2.2: empty lines before a request are ignored.
      while (bytes[at] === 0x0d || bytes[at] === 0x0a) at += 1
      if (at === bytes.length) return at
      this.#sinceMs = performance.now()
      // What is not HTTP, such as TLS, may never send an empty line.
      if (bytes[at]! <= 0x20 || bytes[at]! >= 0x7f) throw new NotHttp('it does not begin with a method')
    }
    const found = this.#section.push(at === 0 ? bytes : bytes.subarray(at))
    if (found === null) return bytes.length
    this.#start(found.text)
    return at + found.usedBytes
  }

  #start(text: string): void {
    const head = requestHeadOf(text)
    const framing = requestFramingOf(head)
    const inbound = new Inbound(this, head, framing)
    this.#inbound = inbound
    this.#body = new BodyParser(framing, (payload) => inbound.listener?.requestBytes(payload))
    this.#isAnswered = false
    this.#state = 'body'
    this.#options.handle(inbound)
    if (this.#body.hasEnded) this.#endRequest(this.#body)
  }

  #readBody(bytes: Buffer, start: number): number {
    const body = this.#body!
    body.push(bytes, start)
    if (body.hasEnded) this.#endRequest(body)
    return body.readTo
  }

  #endRequest({ trailers }: BodyParser): void {
    this.#state = 'answer'
    this.#inbound?.listener?.requestEnd(trailers)
    // That the client leaves is only seen on a socket that is read.
    this.socket.resume()
  }

  /** The answer was given to the socket. `closes`: nothing may follow it. */
  answered(closes: boolean): void {
    this.#isAnswered = true
    this.#closesAfter = closes
    if (!this.#isReading) this.#advance()
  }

  /** On to the next request, once this one has come whole and its answer does not wait in memory. */
  #advance(): void {
    if (this.#closesAfter) return this.#close()
    this.#sinceMs = performance.now()
    this.resume()
    if (this.#state === 'body' || this.socket.writableNeedDrain) return
    this.#inbound = null
    this.#body = null
    this.#isAnswered = false
    this.#state = 'head'
    if (this.#heldBytes === 0) return
    const held = this.#takeHeld()
    this.resume()
    this.#read(held)
  }

  /** A client that is still writing would meet a reset before it has read its answer. */
  #close(): void {
    if (this.#state === 'lingering') return
    const isWriting = this.#state !== 'answer' || this.#heldBytes > 0
    this.#state = 'lingering'
    if (isWriting) this.socket.end(() => (this.#sinceMs = performance.now()))
    else this.socket.destroySoon()
    this.socket.resume()
  }

  #refuseFor(err: unknown): void {
    if (!(err instanceof NotHttp)) return void this.socket.destroy()
    if (err instanceof HeadTooLarge) {
      const message = `The head of the request is larger than ${maxHeadBytes} bytes: send fewer or smaller headers.`
      return this.#refuse(431, 'understudy_head_too_large', message)
    }
    if (err instanceof CodingRefused) {
      const message = `The only Transfer-Encoding that is passed on is "chunked": send the body with that or a Content-Length.`
      return this.#refuse(501, 'understudy_transfer_coding_refused', message)
    }
    this.#refuse(400, 'understudy_request_malformed', `The request is not HTTP/1.1: ${err.message}.`)
  }

  /** Nothing that follows on this connection can be trusted. */
  #refuse(status: number, type: string, message: string): void {
    const hasAnswer = this.#inbound?.hasHead === true
    this.#abandon()
    if (!hasAnswer) {
      const { lines, body } = refusal(status, { type, message })
      this.socket.write(`${lines}Connection: close\r\n\r\n${body}`)
    }
    this.#close()
  }

  /** From here on the socket is somebody else's. Gives what has come after the request. */
  release(): Buffer {
    this.#state = 'given away'
    this.socket.off('data', this.#onData).off('drain', this.#onDrain).off('end', this.#onEnd)
    return this.#takeHeld()
  }
}
