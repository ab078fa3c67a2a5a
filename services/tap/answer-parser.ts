import { framingOf, headOf, idleMsOf, NotHttp, trailersOf, type AnswerHead, type Framing } from './answer-head.ts'
import { ChunkSize } from './chunk-size.ts'
import { type RawHeaders } from './headers.ts'
import { Section } from './section.ts'

export type AnswerEvents = {
  /** 1xx, any number of times before the head. */
  information(status: number, headers: RawHeaders): void
  head(head: AnswerHead): void
  bytes(bytes: Buffer): void
  end(trailers: RawHeaders): void
  /** 101, where it was asked for: what follows is no longer HTTP. `rest` has come already. */
  switched(head: AnswerHead, rest: Buffer): void
}

type State = 'head' | 'body' | 'size' | 'chunk' | 'chunk end' | 'trailers' | 'until closed' | 'ended'

const emptyLine = Buffer.from('\r\n')
const begin = 'HTTP/1.'

/**
 * Reads one answer of HTTP/1.0 or 1.1 (RFC 9112) from bytes in any cut, and hands each part on as soon as it is there.
 * Strict: what two readers could understand in two ways is refused.
 */
export class AnswerParser {
  readonly #method: string
  readonly #maySwitch: boolean
  readonly #on: AnswerEvents
  #state: State = 'head'
  #section = new Section()
  #begun = ''
  #size = new ChunkSize()
  /** Bytes to come of a body, a chunk or the line end after a chunk. */
  #left = 0
  #idleMs = 0
  #switched = false

  constructor(method: string, maySwitch: boolean, on: AnswerEvents) {
    this.#method = method
    this.#maySwitch = maySwitch
    this.#on = on
  }

  get hasEnded(): boolean {
    return this.#state === 'ended'
  }

  /** What follows is another protocol. */
  get hasSwitched(): boolean {
    return this.#switched
  }

  /** For how long the connection may wait for another request, in milliseconds: 0 where it cannot carry one. */
  get idleMs(): number {
    return this.#idleMs
  }

  /** Throws NotHttp. */
  push(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length) at += this.#step(at === 0 ? bytes : bytes.subarray(at))
  }

  /** The connection was closed. False: the answer had not ended. */
  close(): boolean {
    if (this.#state === 'until closed') this.#end([])
    return this.#state === 'ended'
  }

  /** How many of the bytes were used: one at least. */
  #step(bytes: Buffer): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes)
      case 'body':
      case 'chunk':
        return this.#readCounted(bytes)
      case 'size':
        return this.#readSize(bytes)
      case 'chunk end':
        return this.#readChunkEnd(bytes)
      case 'trailers':
        return this.#readTrailers(bytes)
      case 'until closed':
        this.#on.bytes(bytes)
        return bytes.length
      default:
        // Nobody asked for these, so whose answer the next bytes are could not be known.
        this.#idleMs = 0
        return bytes.length
    }
  }

  #readHead(bytes: Buffer): number {
    this.#checkBegin(bytes)
    const found = this.#section.push(bytes)
    if (found === null) return bytes.length
    const head = headOf(found.text)
    if (head.status === 101) return this.#switch(head, bytes.subarray(found.usedBytes), bytes.length)
    if (head.status < 200) {
      this.#section = new Section()
      this.#begun = ''
      this.#on.information(head.status, head.headers)
    } else this.#startBody(head, framingOf(head, this.#method))
    return found.usedBytes
  }

  /** What is not HTTP may never send an empty line. */
  #checkBegin(bytes: Buffer): void {
    if (this.#begun.length === begin.length) return
    this.#begun += bytes.toString('latin1', 0, begin.length - this.#begun.length)
    if (!begin.startsWith(this.#begun)) throw new NotHttp(`it does not begin with ${begin}`)
  }

  #switch(head: AnswerHead, rest: Buffer, usedBytes: number): number {
    if (!this.#maySwitch) throw new NotHttp('it changes the protocol unasked')
    this.#state = 'ended'
    this.#switched = true
    this.#on.switched(head, rest)
    return usedBytes
  }

  #startBody(head: AnswerHead, framing: Framing): void {
    this.#idleMs = framing.kind === 'closing' ? 0 : idleMsOf(head)
    this.#on.head(head)
    if (framing.kind === 'none') return this.#end([])
    if (framing.kind === 'length') this.#expect('body', framing.sizeBytes)
    else this.#state = framing.kind === 'chunks' ? 'size' : 'until closed'
  }

  #expect(state: 'body' | 'chunk' | 'chunk end', sizeBytes: number): void {
    this.#state = state
    this.#left = sizeBytes
  }

  #readCounted(bytes: Buffer): number {
    const came = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes
    this.#left -= came.length
    this.#on.bytes(came)
    if (this.#left > 0) return came.length
    if (this.#state === 'body') this.#end([])
    else this.#expect('chunk end', 2)
    return came.length
  }

  #readSize(bytes: Buffer): number {
    let used = 0
    while (used < bytes.length) {
      used += 1
      if (!this.#size.push(bytes[used - 1]!)) continue
      this.#startChunk(this.#size.sizeBytes)
      break
    }
    return used
  }

  #startChunk(sizeBytes: number): void {
    this.#size = new ChunkSize()
    if (sizeBytes > 0) return this.#expect('chunk', sizeBytes)
    this.#state = 'trailers'
    // Trailers end in an empty line; where there are none, that line is the first one.
    this.#section = new Section(emptyLine)
  }

  #readChunkEnd(bytes: Buffer): number {
    if (bytes[0] !== emptyLine[2 - this.#left]) throw new NotHttp('a chunk does not end where its size says')
    this.#left -= 1
    if (this.#left === 0) this.#state = 'size'
    return 1
  }

  #readTrailers(bytes: Buffer): number {
    const found = this.#section.push(bytes)
    if (found === null) return bytes.length
    this.#end(trailersOf(found.text.slice(emptyLine.length)))
    return found.usedBytes
  }

  #end(trailers: RawHeaders): void {
    this.#state = 'ended'
    this.#on.end(trailers)
  }
}
