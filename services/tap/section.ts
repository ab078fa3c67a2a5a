import { HeadTooLarge, NotHttp } from './head-lines.ts'

const carriageReturn = 13
const lineFeed = 10
const sectionEnd = Buffer.from('\r\n\r\n')
const noBytes = Buffer.alloc(0)

/**
 * Collects the lines up to an empty line: a head, or the trailers after a body. Bytes may come in any cut, at a cost that
 * grows with their number alone.
 */
export class Section {
  readonly #maxBytes: number
  /** What has come, with room for more. */
  #kept: Buffer = noBytes
  #sizeBytes = 0

  /** `start`: the first bytes, as if they had come. */
  constructor(maxBytes: number, start: Buffer = noBytes) {
    this.#maxBytes = maxBytes
    if (start.length > 0) this.#keep(start)
  }

  get isEmpty(): boolean {
    return this.#sizeBytes === 0
  }

  /** The section without its empty line and how many of `came` belong to it; null while the empty line is missing. */
  push(came: Buffer): { text: string; usedBytes: number } | null {
    const before = this.#sizeBytes
    const all = before === 0 ? came : this.#keep(came)
    const end = all.indexOf(sectionEnd, Math.max(0, before - 3))
    if ((end === -1 ? all.length : end) > this.#maxBytes) throw new HeadTooLarge('its head is too large')
    if (end === -1) {
      refuseBareLineFeed(all, before)
      if (before === 0) this.#keep(came)
      return null
    }
    this.#kept = noBytes
    this.#sizeBytes = 0
    return { text: all.toString('latin1', 0, end), usedBytes: end + sectionEnd.length - before }
  }

  /** Gives all that is kept. */
  #keep(bytes: Buffer): Buffer {
    const before = this.#sizeBytes
    this.#sizeBytes += bytes.length
    if (this.#sizeBytes > this.#kept.length) {
      const larger = Buffer.allocUnsafeSlow(this.#sizeBytes * 2)
      this.#kept.copy(larger, 0, 0, before)
      this.#kept = larger
    }
    bytes.copy(this.#kept, before)
    return this.#kept.subarray(0, this.#sizeBytes)
  }
}

/** Its end would never be found. */
function refuseBareLineFeed(bytes: Buffer, start: number): void {
  for (let at = bytes.indexOf(lineFeed, start); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    if (bytes[at - 1] !== carriageReturn) throw new NotHttp('a line of its head ends without CR')
  }
}
