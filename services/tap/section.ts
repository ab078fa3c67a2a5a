import { HeadTooLarge, NotHttp } from './head-lines.ts'

const lineFeed = 10
const sectionEnd = Buffer.from('\r\n\r\n')

/** Collects the lines up to an empty line: a head, or the trailers after a body. Bytes may come in any cut. */
export class Section {
  readonly #maxBytes: number
  #pieces: Buffer[] = []
  #sizeBytes = 0

  /** `start`: the first bytes, as if they had come. */
  constructor(maxBytes: number, start: Buffer | null = null) {
    this.#maxBytes = maxBytes
    if (start !== null) this.#keep(start)
  }

  get isEmpty(): boolean {
    return this.#sizeBytes === 0
  }

  /** The section without its empty line and how many of `came` belong to it; null while the empty line is missing. */
  push(came: Buffer): { text: string; usedBytes: number } | null {
    const before = this.#sizeBytes
    // Only a line feed can end it: without one, crumbs need not be joined.
    const all = came.includes(lineFeed) ? this.#joined(came) : null
    const end = all?.indexOf(sectionEnd, Math.max(0, before - 3)) ?? -1
    if (end === -1) {
      this.#keep(came)
      if (all !== null) refuseBareLineFeed(all)
      return null
    }
    if (end > this.#maxBytes) throw new HeadTooLarge('its head is too large')
    this.#pieces = []
    this.#sizeBytes = 0
    return { text: all!.toString('latin1', 0, end), usedBytes: end + sectionEnd.length - before }
  }

  #joined(came: Buffer): Buffer {
    return this.#sizeBytes === 0 ? came : Buffer.concat([...this.#pieces, came])
  }

  #keep(bytes: Buffer): void {
    this.#pieces.push(bytes)
    this.#sizeBytes += bytes.length
    if (this.#sizeBytes > this.#maxBytes) throw new HeadTooLarge('its head is too large')
  }
}

/** Its end would never be found. */
function refuseBareLineFeed(bytes: Buffer): void {
  if (/(?<!\r)\n/.test(bytes.toString('latin1'))) throw new NotHttp('a line of its head ends without CR')
}
