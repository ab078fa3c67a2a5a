import { NotHttp } from './head-lines.ts'

const maxDigits = 32

/** Reads the line before a chunk, byte by byte: `1f;extension` CRLF. Extensions are not for those who come after. */
export class ChunkSize {
  sizeBytes = 0
  #digits = 0
  #inExtension = false
  #awaitsLineFeed = false

  /** For the next line. */
  reset(): void {
    this.sizeBytes = 0
    this.#digits = 0
    this.#inExtension = false
    this.#awaitsLineFeed = false
  }

  /** True where this byte ends the line. */
  push(byte: number): boolean {
    if (this.#awaitsLineFeed) return this.#end(byte)
    if (byte === 0x0d && this.#digits > 0) this.#awaitsLineFeed = true
    else if (this.#inExtension) refuseControl(byte)
    else if (this.#digits > 0 && (byte === 0x3b || byte === 0x20 || byte === 0x09)) this.#inExtension = true
    else this.#add(hexDigit(byte))
    return false
  }

  #add(digit: number): void {
    if (digit === -1) throw new NotHttp('the size of a chunk is not a number')
    this.#digits += 1
    this.sizeBytes = this.sizeBytes * 16 + digit
    if (this.#digits > maxDigits || this.sizeBytes > Number.MAX_SAFE_INTEGER) throw new NotHttp('a chunk is too large')
  }

  #end(byte: number): boolean {
    if (byte !== 0x0a) throw new NotHttp('the line of a chunk does not end in CRLF')
    return true
  }
}

function refuseControl(byte: number): void {
  if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f)
    throw new NotHttp('an extension of a chunk has control characters')
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
