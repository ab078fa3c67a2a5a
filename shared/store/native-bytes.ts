const shortChars = 64
const dash = 0x2d
const notHex = 0xff
const hexDigits = Uint8Array.from({ length: 0x80 }, (_, unit) => {
  const digit = Number.parseInt(String.fromCharCode(unit), 16)
  return Number.isNaN(digit) ? notHex : digit
})

/** Bytes that grow, as ClickHouse's binary formats have them: numbers are little-endian. */
export class NativeBytes {
  #buffer = Buffer.allocUnsafe(1 << 16)
  #at = 0

  all(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }

  /** LEB128. */
  size(value: number): void {
    this.#room(8)
    let rest = value
    while (rest >= 0x80) {
      this.#buffer[this.#at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#buffer[this.#at++] = rest
  }

  /** Half of a surrogate pair becomes the replacement character. */
  text(value: string): void {
    const { length } = value
    if (length < shortChars && this.#shortAscii(value)) return
    const bytes = Buffer.byteLength(value)
    this.size(bytes)
    this.#room(bytes)
    this.#at += this.#buffer.write(value, this.#at)
  }

  /** A call to the engine's encoder costs more than a short loop. False, with nothing written, where it is not ASCII. */
  #shortAscii(value: string): boolean {
    const { length } = value
    this.#room(length + 1)
    const buffer = this.#buffer
    const start = this.#at + 1
    for (let at = 0; at < length; at++) {
      const unit = value.charCodeAt(at)
      if (unit > 0x7f) return false
      buffer[start + at] = unit
    }
    buffer[start - 1] = length
    this.#at = start + length
    return true
  }

  /** Numbers as they lie in memory, which is little-endian wherever this runs. */
  raw(numbers: Uint8Array | Uint16Array | Uint32Array | Float64Array): void {
    this.#room(numbers.byteLength)
    this.#buffer.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), this.#at)
    this.#at += numbers.byteLength
  }

  /** Two halves, each with its lowest byte first. TypeError where it is none. */
  uuid(value: string): void {
    if (value.length !== 36) throw new TypeError()
    this.#room(16)
    let digits = 0
    for (let at = 0; at < 36; at++) {
      const unit = value.charCodeAt(at)
      if (at === 8 || at === 13 || at === 18 || at === 23) {
        if (unit !== dash) throw new TypeError()
        continue
      }
      const digit = unit < 0x80 ? hexDigits[unit]! : notHex
      if (digit === notHex) throw new TypeError()
      const place = this.#at + (digits < 16 ? 7 - (digits >> 1) : 23 - (digits >> 1))
      this.#buffer[place] = digits % 2 === 0 ? digit << 4 : this.#buffer[place]! | digit
      digits++
    }
    this.#at += 16
  }

  uint8(value: number): void {
    this.#room(1)
    this.#buffer[this.#at++] = value
  }

  uint16(value: number): void {
    this.#room(2)
    this.#at = this.#buffer.writeUInt16LE(value, this.#at)
  }

  uint32(value: number): void {
    this.#room(4)
    this.#at = this.#buffer.writeUInt32LE(value, this.#at)
  }

  int32(value: number): void {
    this.#room(4)
    this.#at = this.#buffer.writeInt32LE(value, this.#at)
  }

  uint64(value: number): void {
    this.#room(8)
    this.#at = this.#buffer.writeUInt32LE(value % 0x100000000, this.#at)
    this.#at = this.#buffer.writeUInt32LE(Math.floor(value / 0x100000000), this.#at)
  }

  int64(value: number): void {
    this.#room(8)
    this.#at = this.#buffer.writeUInt32LE(value - Math.floor(value / 0x100000000) * 0x100000000, this.#at)
    this.#at = this.#buffer.writeInt32LE(Math.floor(value / 0x100000000), this.#at)
  }
}
