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
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return hyphenated(bytes.toString('hex'))
}

/** The same parts give the same UUID (RFC 9562, version 8 over SHA-256): how a redelivery is recognised. */
export function deterministicUuid(...parts: string[]): string {
  // Length-prefixed, so that ('ab','c') and ('a','bc') differ.
  const text = parts.map((part) => `${part.length}:${part}`).join('')
  // Digits are put in place as text: bytes in between would cost as much as the hash.
  const hex = hash('sha256', text, 'hex')
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) & 3]
  return hyphenated(`${hex.slice(0, 12)}8${hex.slice(13, 16)}${variant}${hex.slice(17, 32)}`)
}

export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex')
}

function hyphenated(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
