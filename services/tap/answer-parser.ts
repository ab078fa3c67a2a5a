import { answerFramingOf, answerHeadOf, idleMsOf, type AnswerHead } from './answer-head.ts'
import { BodyParser, type Framing } from './body-parser.ts'
import { NotHttp } from './head-lines.ts'
import { type RawHeaders } from './headers.ts'
import { Section } from './section.ts'

export type AnswerEvents = {
  /** 1xx, any number of times before the head. */
  information(head: AnswerHead): void
  head(head: AnswerHead, framing: Framing['kind']): void
  /** Of the body, as it is meant. */
  bytes(payload: Buffer): void
  /** Of the body, as it came: with the lines around its chunks and the trailers. Follows the `bytes` in it. */
  wire(bytes: Buffer): void
  end(trailers: RawHeaders): void
  /** 101, where it was asked for: what follows is no longer HTTP. `rest` has come already. */
  switched(head: AnswerHead, rest: Buffer): void
}

const begin = 'HTTP/1.'
const maxHeadBytes = 262_144

/**
 * Reads one answer of HTTP/1.0 or 1.1 (RFC 9112) from bytes in any cut, and hands each part on as soon as it is there.
 * Strict: what two readers could understand in two ways is refused.
 */
export class AnswerParser {
  readonly #method: string
  readonly #maySwitch: boolean
  readonly #on: AnswerEvents
  readonly #section = new Section(maxHeadBytes)
  #begun = ''
  #body: BodyParser | null = null
  #hasEnded = false
  #hasSwitched = false
  #idleMs = 0

  constructor(method: string, maySwitch: boolean, on: AnswerEvents) {
    this.#method = method
    this.#maySwitch = maySwitch
    this.#on = on
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** What follows is another protocol. */
  get hasSwitched(): boolean {
    return this.#hasSwitched
  }

  /** For how long the connection may wait for another request, in milliseconds: 0 where it cannot carry one. */
  get idleMs(): number {
    return this.#idleMs
  }

  /** Throws NotHttp. */
  push(bytes: Buffer): void {
    let at = 0
    while (this.#body === null && !this.#hasEnded && at < bytes.length) at += this.#readHead(bytes, at)
    if (this.#body !== null && !this.#hasEnded) at = this.#readBody(this.#body, bytes, at)
    // Nobody asked for these, so whose answer the next bytes are could not be known.
    if (at < bytes.length) this.#idleMs = 0
  }

  /** The connection was closed. False: the answer had not ended. */
  close(): boolean {
    if (!this.#hasEnded && this.#body?.close() === true) this.#end([])
    return this.#hasEnded
  }

  /** How many of the bytes were used. */
  #readHead(all: Buffer, at: number): number {
    const bytes = at === 0 ? all : all.subarray(at)
    this.#checkBegin(bytes)
    const found = this.#section.push(bytes)
    if (found === null) return bytes.length
    const head = answerHeadOf(found.text)
    if (head.status === 101) return this.#switch(head, bytes.subarray(found.usedBytes), bytes.length)
    this.#begun = ''
    if (head.status < 200) this.#on.information(head)
    else this.#startBody(head)
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
    this.#hasEnded = true
    this.#hasSwitched = true
    this.#on.switched(head, rest)
    return usedBytes
  }

  #startBody(head: AnswerHead): void {
    const framing = answerFramingOf(head, this.#method)
    this.#idleMs = framing.kind === 'closing' ? 0 : idleMsOf(head)
    this.#on.head(head, framing.kind)
    if (framing.kind === 'none') this.#end([])
    else this.#body = new BodyParser(framing, (payload) => this.#on.bytes(payload))
  }

  /** Where the bytes after the body begin. What was sound before an error is handed on. */
  #readBody(body: BodyParser, bytes: Buffer, start: number): number {
    try {
      body.push(bytes, start)
    } finally {
      const end = body.readTo
      if (end > start) this.#on.wire(end - start === bytes.length ? bytes : bytes.subarray(start, end))
    }
    if (body.hasEnded) this.#end(body.trailers)
    return body.readTo
  }

  #end(trailers: RawHeaders): void {
    this.#hasEnded = true
    this.#on.end(trailers)
  }
}
