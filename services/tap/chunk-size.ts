import { NotHttp } from './head-lines.ts'

const maxDigits = 32
// They cost work and say nothing.
const maxExtensionBytes = 16_384

/** Reads the line before a chunk, byte by byte: `1f;extension` CRLF. */
export class ChunkSize {
  sizeBytes = 0
  #digits = 0
  /** After the size: blanks up to the extension are among them. */
  #extensionBytes = 0
  #isBlankSoFar = true
  #awaitsLineFeed = false

  /** For the next line. */
  reset(): void {
    this.sizeBytes = 0
    this.#digits = 0
    this.#extensionBytes = 0
    this.#isBlankSoFar = true
    this.#awaitsLineFeed = false
  }

  /** True where this byte ends the line. */
  push(byte: number): boolean {
    if (this.#awaitsLineFeed) return this.#end(byte)
    if (byte === 0x0d && this.#digits > 0) this.#awaitsLineFeed = true
    else if (this.#extensionBytes > 0 || (this.#digits > 0 && hexDigit(byte) === -1)) this.#passExtension(byte)
    else this.#add(hexDigit(byte))
    return false
  }

  #passExtension(byte: number): void {
    const isBlank = byte === 0x20 || byte === 0x09
    if (this.#isBlankSoFar && !isBlank && byte !== 0x3b) throw new NotHttp('the size of a chunk is not a number')
    if ((byte < 0x20 && !isBlank) || byte === 0x7f) throw new NotHttp('an extension of a chunk has control characters')
    this.#isBlankSoFar &&= isBlank
    this.#extensionBytes += 1
    if (this.#extensionBytes > maxExtensionBytes) throw new NotHttp('an extension of a chunk is too large')
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

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
