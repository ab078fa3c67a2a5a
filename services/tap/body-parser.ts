import { ChunkSize } from './chunk-size.ts'
import { NotHttp, trailersOf } from './head-lines.ts'
import { type RawHeaders } from './headers.ts'
import { Section } from './section.ts'

/** How the end of a body is found: by its length, by its last chunk, by closing the connection, or there is no body. */
export type Framing = { kind: 'none' | 'chunks' | 'closing' } | { kind: 'length'; sizeBytes: number }

type State = 'counted' | 'size' | 'chunk' | 'chunk end' | 'trailers' | 'until closed' | 'ended'

const emptyLine = Buffer.from('\r\n')
const maxTrailerBytes = 65_536

/** Reads one body of HTTP/1.1 (RFC 9112, sections 6 and 7) from bytes in any cut. Strict: no chunk can be read in two ways. */
export class BodyParser {
  readonly #payload: (bytes: Buffer) => void
  #state: State
  /** Bytes to come of a body, a chunk or the line end after a chunk. */
  #left = 0
  #size = new ChunkSize()
  #section: Section | null = null
  #trailers: RawHeaders = []
  /** How far the bytes of the last `push` were read: after an error, up to what was sound. */
  readTo = 0

  constructor(framing: Framing, payload: (bytes: Buffer) => void) {
    this.#payload = payload
    this.#state = initialState(framing)
    if (framing.kind === 'length') this.#left = framing.sizeBytes
  }

  get hasEnded(): boolean {
    return this.#state === 'ended'
  }

  get trailers(): RawHeaders {
    return this.#trailers
  }

  /** Reads on from `at`, to the end of the body or of the bytes. Throws NotHttp. */
  push(bytes: Buffer, at: number): void {
    this.readTo = at
    while (this.readTo < bytes.length && this.#state !== 'ended') {
      this.readTo += this.#step(this.readTo === 0 ? bytes : bytes.subarray(this.readTo))
    }
  }

  /** The connection was closed. False: the body had not ended. */
  close(): boolean {
    if (this.#state === 'until closed') this.#state = 'ended'
    return this.#state === 'ended'
  }

  /** How many of the bytes were used: one at least. */
  #step(bytes: Buffer): number {
    switch (this.#state) {
      case 'counted':
      case 'chunk':
        return this.#readCounted(bytes)
      case 'size':
        return this.#readSize(bytes)
      case 'chunk end':
        return this.#readChunkEnd(bytes)
      case 'trailers':
        return this.#readTrailers(bytes)
      default:
        this.#payload(bytes)
        return bytes.length
    }
  }

  #readCounted(bytes: Buffer): number {
    const came = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes
    this.#left -= came.length
    this.#payload(came)
    if (this.#left > 0) return came.length
    if (this.#state === 'counted') this.#state = 'ended'
    else this.#expect('chunk end', emptyLine.length)
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
    this.#size.reset()
    if (sizeBytes > 0) return this.#expect('chunk', sizeBytes)
    this.#state = 'trailers'
    // Trailers end in an empty line; where there are none, that line is the first one.
    this.#section = new Section(maxTrailerBytes, emptyLine)
  }

  #expect(state: 'chunk' | 'chunk end', sizeBytes: number): void {
    this.#state = state
    this.#left = sizeBytes
  }

  #readChunkEnd(bytes: Buffer): number {
    if (bytes[0] !== emptyLine[emptyLine.length - this.#left])
      throw new NotHttp('a chunk does not end where its size says')
    this.#left -= 1
    if (this.#left === 0) this.#state = 'size'
    return 1
  }

  #readTrailers(bytes: Buffer): number {
    const found = this.#section!.push(bytes)
    if (found === null) return bytes.length
    this.#trailers = trailersOf(found.text.slice(emptyLine.length))
    this.#state = 'ended'
    return found.usedBytes
  }
}

function initialState({ kind }: Framing): State {
  if (kind === 'none') return 'ended'
  if (kind === 'length') return 'counted'
  return kind === 'chunks' ? 'size' : 'until closed'
}
