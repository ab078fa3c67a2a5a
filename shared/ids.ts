import { hash, randomFillSync } from 'node:crypto'

const randomBytes = 10
// Asking the system for random bytes costs far more than the rest of an id.
const random = Buffer.alloc(randomBytes * 256)
let usedBytes = random.length
const bytes = Buffer.alloc(16)

/** UUIDv7 (RFC 9562, section 5.7): sorts by time to the millisecond. */
export function uuidv7(nowMs = Date.now()): string {
  if (usedBytes === random.length) {
    randomFillSync(random)
    usedBytes = 0
  }
  bytes.writeUIntBE(nowMs, 0, 6)
  random.copy(bytes, 6, usedBytes, (usedBytes += randomBytes))
  return formatUuid(bytes, 7)
}

/** The same parts give the same UUID (RFC 9562, version 8 over SHA-256): how a redelivery is recognised. */
export function deterministicUuid(...parts: string[]): string {
  // Length-prefixed, so that ('ab','c') and ('a','bc') differ.
  const text = parts.map((part) => `${part.length}:${part}`).join('')
  return formatUuid(hash('sha256', text, 'buffer').subarray(0, 16), 8)
}

export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex')
}

function formatUuid(bytes: Buffer, version: number): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4)
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
