import { type LogRecord } from '../topic-log.ts'

/** Records on their way to the database's thread: few values, whatever their number, because each object that crosses costs. */
export type PackedRecords = {
  keys: string[]
  /** JSON of each record's headers. */
  headers: string[]
  /** Of each value. */
  sizes: number[]
  /** The values one after the other. Moved, not cloned. */
  memory: ArrayBuffer
}

/** Copies the values once: they may share their memory with others, which must not move. */
export function packRecords(records: readonly LogRecord[]): PackedRecords {
  const sizes = records.map(({ value }) => Buffer.byteLength(value))
  const memory = new ArrayBuffer(sizes.reduce((sum, size) => sum + size, 0))
  const bytes = Buffer.from(memory)
  let position = 0
  for (const { value } of records) {
    if (typeof value === 'string') position += bytes.write(value, position)
    else {
      bytes.set(value, position)
      position += value.length
    }
  }
  return {
    keys: records.map(({ key }) => key),
    headers: records.map(({ headers }) => (headers === undefined ? '{}' : JSON.stringify(headers))),
    sizes,
    memory,
  }
}

export type UnpackedRecord = { key: string; headers: string; value: Uint8Array }

export function unpackRecords({ keys, headers, sizes, memory }: PackedRecords): UnpackedRecord[] {
  let position = 0
  return keys.map((key, index) => {
    const value = new Uint8Array(memory, position, sizes[index])
    position += value.length
    return { key, headers: headers[index]!, value }
  })
}
