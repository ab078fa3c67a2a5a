import { type Socket } from 'node:net'
import { type Framing } from './body-parser.ts'
import { headerValue, type RawHeaders } from './headers.ts'
import { asksForWebSocket, keepsAlive, type RequestHead } from './request-head.ts'
import { writeTogether } from './write-together.ts'

/** Hears what comes from the client after the head of its request. */
export type InboundListener = {
  requestBytes(payload: Buffer): void
  /** All of the request that came together has been handed on. */
  requestHandedOn(): void
  requestEnd(trailers: RawHeaders): void
  /** The answer may go on. */
  answerDrain(): void
  /** The answer's last byte has left. Comes last. */
  answerSent(): void
  /** The client has left before that, or broke the rules of HTTP. Comes last. */
  clientLeft(): void
}

/** What an inbound needs of its connection. */
export type InboundOwner = {
  readonly socket: Socket
  pause(): void
  resume(): void
  /** No further requests are taken. */
  isClosing(): boolean
  /** The answer was given to the socket. `closes`: nothing may follow it. */
  answered(closes: boolean): void
  /** The socket is given away. Gives what has come after the request. */
  release(): Buffer
}

/** For how long a connection may wait for its next request: longer than clients wait, so that they are the ones to close. */
export const keepAliveMs = 75_000

const closing = 'Connection: close\r\n'
const keepingAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveMs / 1_000}\r\n`
const noBytes = Buffer.alloc(0)

/** One request of a client, and the answer to it. Once it is over, nothing that is called here does anything. */
export class Inbound {
  readonly head: RequestHead
  readonly framing: Framing
  /** Null: nobody listens, the rest of the request is read and left. */
  listener: InboundListener | null = null
  readonly #owner: InboundOwner
  #heldHead: string | null = null
  #hasHead = false
  #hasContinued = false
  #isInDoubt = false
  #closes = false
  #endsByClosing = false
  #isOver = false

  constructor(owner: InboundOwner, head: RequestHead, framing: Framing) {
    this.#owner = owner
    this.head = head
    this.framing = framing
  }

  /** What follows it may be no HTTP: unless the protocol changes, its answer is the last one. */
  get asksForWebSocket(): boolean {
    return asksForWebSocket(this.head, this.framing)
  }

  /** Its answer has begun, or there will be none. */
  get hasHead(): boolean {
    return this.#hasHead || this.#isOver
  }

  /** Nothing but the end of the connection tells where its answer ends. */
  get endsByClosing(): boolean {
    return this.#endsByClosing
  }

  /** It was answered without a word on whether its body was wanted, which may come or not (RFC 9110, section 10.1.1). */
  get isInDoubt(): boolean {
    return this.#isInDoubt
  }

  pause(): void {
    if (!this.#isOver) this.#owner.pause()
  }

  resume(): void {
    if (!this.#isOver) this.#owner.resume()
  }

  /** An interim answer. `lines`: its first line and headers. False: wait for `drain`. */
  inform(status: number, lines: string): boolean {
    if (this.hasHead || this.head.minor === 0) return true
    if (status === 100) this.#hasContinued = true
    return this.#owner.socket.write(`${lines}\r\n`, 'latin1')
  }

  /**
   * Begins the answer. `lines`: its first line and headers, but for those of the connection, in latin1; they leave with
   * the first bytes after them, or with `flush`. `endsByClosing`: the client is given neither a length nor chunks.
   */
  start(lines: string, endsByClosing = false): void {
    if (this.hasHead) return
    this.#hasHead = true
    this.#endsByClosing = endsByClosing
    this.#isInDoubt = !this.#hasContinued && this.head.minor === 1 && headerValue(this.head.headers, 'expect') !== null
    this.#closes =
      endsByClosing || this.asksForWebSocket || this.#isInDoubt || this.#owner.isClosing() || !keepsAlive(this.head)
    this.#heldHead = `${lines}${this.#closes ? closing : keepingAlive}\r\n`
  }

  /** False: wait for `drain`. */
  write(bytes: Buffer): boolean {
    if (this.#isOver) return true
    const head = this.#heldHead
    if (head === null) return this.#owner.socket.write(bytes)
    this.#heldHead = null
    return writeTogether(this.#owner.socket, head, bytes)
  }

  flush(): void {
    if (this.#heldHead !== null) this.write(noBytes)
  }

  /** What the client really got is known only when the last byte has left: `answerSent`, or `clientLeft` before it. */
  end(): void {
    if (this.#isOver) return
    this.flush()
    const { socket } = this.#owner
    if (socket.writableLength === 0 && !socket.destroyed) this.#done()
    else socket.write(noBytes, (err) => (err == null ? this.#done() : this.leave()))
    this.#owner.answered(this.#closes)
  }

  #done(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.listener?.answerSent()
  }

  /** The client gets what had arrived, then a connection that ends too early: never an end that looks complete. */
  breakOff(): void {
    if (this.#isOver) return
    this.flush()
    this.#isOver = true
    const { socket } = this.#owner
    if (this.#endsByClosing) socket.write(noBytes, () => socket.resetAndDestroy())
    else socket.destroySoon()
  }

  /** The client has left. */
  leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.listener?.clientLeft()
  }

  /** The socket, for another protocol, and what has come of that already; null where the client has left. */
  takeOver(): { socket: Socket; early: Buffer } | null {
    if (this.#isOver) return null
    this.#isOver = true
    return { socket: this.#owner.socket, early: this.#owner.release() }
  }
}
