import { type Socket } from 'node:net'
import { AnswerParser, type AnswerEvents } from './answer-parser.ts'
import { writeTogether } from './write-together.ts'

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
  /** It leaves in one segment with what there is of the body. */
  #heldHead: string | null
  #isAsked = false

  constructor(socket: Socket, { method, head, isChunked, maySwitch }: Question, asker: Asker) {
    this.asker = asker
    this.parser = new AnswerParser(method, maySwitch, asker)
    this.#isChunked = isChunked
    this.#socket = socket
    this.#heldHead = head
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
    if (!this.#isChunked) return this.#write(bytes)
    const line = Buffer.from(`${bytes.length.toString(16)}\r\n`, 'latin1')
    return this.#write(Buffer.concat([line, bytes, lineEnd]))
  }

  #write(bytes: Buffer): boolean {
    const socket = this.#socket
    if (socket === null) return true
    const head = this.#heldHead
    if (head === null) return socket.write(bytes)
    this.#heldHead = null
    return writeTogether(socket, head, bytes)
  }

  /** Sends what is held. */
  flush(): void {
    if (this.#heldHead !== null) this.#write(noBytes)
  }

  /** `lastChunk`: where the body is chunked. */
  end(lastChunk: string | null): void {
    if (lastChunk === null) this.flush()
    else this.#write(Buffer.from(lastChunk, 'latin1'))
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

const noBytes = Buffer.alloc(0)
const lineEnd = Buffer.from('\r\n')
