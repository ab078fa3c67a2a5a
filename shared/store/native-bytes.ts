const uuidForm = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

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
    // The size stands before the bytes: room for its one byte is left where that is surely enough.
    if (length < 0x80 / 3) {
      this.#room(0x80)
      const written = this.#buffer.write(value, this.#at + 1)
      this.#buffer[this.#at] = written
      this.#at += 1 + written
      return
    }
    const bytes = Buffer.byteLength(value)
    this.size(bytes)
    this.#room(bytes)
    this.#at += this.#buffer.write(value, this.#at)
  }

  /** Two halves, each with its lowest byte first. TypeError where it is none. */
  uuid(value: string): void {
    if (!uuidForm.test(value)) throw new TypeError()
    this.#room(16)
    this.#buffer.write(value.replaceAll('-', ''), this.#at, 'hex')
    this.#buffer.subarray(this.#at, this.#at + 16).swap64()
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
    this.#at = this.#buffer.writeBigInt64LE(BigInt(value), this.#at)
  }

  float64(value: number): void {
    this.#room(8)
    this.#at = this.#buffer.writeDoubleLE(value, this.#at)
  }
}
