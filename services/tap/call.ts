import { type Socket } from 'node:net'
import { AnswerParser, type AnswerEvents } from './answer-parser.ts'

/** Why there is no answer, or not all of it. `unreachable`: no connection came about. */
export type Failure = { kind: 'unreachable' | 'not_http' | 'closed'; reason: string }

/** Hears what becomes of a request: the answer's events, of which `end` and `switched` are last, or `failed`. */
export type Asker = AnswerEvents & {
  /** All that came together has been handed on. */
  handedOn(): void
  /** The upload may go on. */
  drain(): void
  failed(failure: Failure): void
}

/** What is asked: `head` in latin1, as it goes on the wire. `isChunked`: so is the body that follows. */
export type Question = { method: string; head: string; isChunked: boolean; maySwitch: boolean }

/** One request on a connection. Once it is over, nothing that is called here does anything. */
export class Call {
  readonly asker: Asker
  readonly parser: AnswerParser
  readonly #isChunked: boolean
  #socket: Socket | null
  #isAsked = false

  constructor(socket: Socket, { method, head, isChunked, maySwitch }: Question, asker: Asker) {
    this.asker = asker
    this.parser = new AnswerParser(method, maySwitch, asker)
    this.#isChunked = isChunked
    this.#socket = socket
    // The head leaves in one segment with what there is of the body.
    socket.cork()
    socket.write(head, 'latin1')
    process.nextTick(() => socket.uncork())
  }

  get isOver(): boolean {
    return this.#socket === null
  }

  /** The request's last byte was handed to the socket. */
  get isAsked(): boolean {
    return this.#isAsked
  }

  /** False: wait for `drain`. */
  write(bytes: Buffer): boolean {
    const socket = this.#socket
    if (socket === null) return true
    if (!this.#isChunked) return socket.write(bytes)
    socket.cork()
    socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1')
    socket.write(bytes)
    const hasRoom = socket.write('\r\n', 'latin1')
    socket.uncork()
    return hasRoom
  }

  /** `lastChunk` is written where the body is chunked. */
  end(lastChunk: string): void {
    if (this.#isChunked) this.#socket?.write(lastChunk, 'latin1')
    this.#isAsked = true
  }

  pause(): void {
    this.#socket?.pause()
  }

  resume(): void {
    this.#socket?.resume()
  }

  /** Closes the connection. */
  abort(): void {
    this.release()?.destroy()
  }

  /** The socket, which is no longer this call's. Null: it has not been for some time. */
  release(): Socket | null {
    const socket = this.#socket
    this.#socket = null
    return socket
  }
}
