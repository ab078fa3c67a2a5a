import { crc32 } from 'node:zlib'
import { type LedgerGroup } from '../ledger.ts'

/** A record that waits for the log: under which group it is counted, and what is published. */
export type Spooled = { group: LedgerGroup; key: string; value: Buffer }

// 0xf5 is in no UTF-8 text, so a payload cannot hold a marker, whoever wrote it.
export const marker = Buffer.from([0xf5, 0x52, 0x45, 0x43])

/** marker | length of the payload | CRC-32 of the payload | CRC-32 of the twelve bytes before. */
export const headerBytes = 16

/** The payload is `[group, key]` as JSON, a line feed, and the value, which must be UTF-8. */
export function encodeFrame({ group, key, value }: Spooled): Buffer {
  const head = Buffer.from(`${JSON.stringify([group, key])}\n`)
  const frame = Buffer.allocUnsafe(headerBytes + head.length + value.length)
  marker.copy(frame)
  head.copy(frame, headerBytes)
  value.copy(frame, headerBytes + head.length)
  frame.writeUInt32LE(frame.length - headerBytes, 4)
  frame.writeUInt32LE(crc32(frame.subarray(headerBytes)), 8)
  frame.writeUInt32LE(crc32(frame.subarray(0, 12)), 12)
  return frame
}

/** A frame of the same length that is counted under the same group and holds nothing: in place of a record that is erased. */
export function blankFrame(group: LedgerGroup, payloadBytes: number): Buffer {
  const headBytes = Buffer.byteLength(`${JSON.stringify([group, ''])}\n`)
  return encodeFrame({ group, key: '', value: Buffer.alloc(payloadBytes - headBytes, ' ') })
}

/** Was this a record that was erased from the spool? What is published begins with a brace, never with a space. */
export function isBlank(value: Uint8Array): boolean {
  return value[0] === 0x20
}

export type Header = { length: number; crc: number }

/** Null: no record begins here. */
export function decodeHeader(bytes: Buffer): Header | null {
  if (bytes.length < headerBytes || !bytes.subarray(0, 4).equals(marker)) return null
  if (bytes.readUInt32LE(12) !== crc32(bytes.subarray(0, 12))) return null
  return { length: bytes.readUInt32LE(4), crc: bytes.readUInt32LE(8) }
}

/** Null: these are not the bytes that were written. */
export function decodePayload(bytes: Buffer, { length, crc }: Header): Spooled | null {
  if (bytes.length !== length || crc32(bytes) !== crc) return null
  const lineEnd = bytes.indexOf(10)
  const [group, key] = JSON.parse(bytes.toString('utf8', 0, lineEnd)) as [string, string]
  return { group, key, value: bytes.subarray(lineEnd + 1) }
}
