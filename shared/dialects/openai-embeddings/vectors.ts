import { type Json } from '../dialect.ts'
import { field, list } from '../json.ts'

/**
 * The vectors of an answer, in order; null for one that is not readable. In base64 they are 32-bit floats, the lowest byte
 * first: SDKs ask for it untold, so it is what most traffic holds.
 */
export function readVectors(body: Json): (Float32Array | null)[] {
  return list(field(body, 'data')).map((each) => vectorOf(field(each, 'embedding') ?? null))
}

function vectorOf(embedding: Json): Float32Array | null {
  if (typeof embedding === 'string') return fromBase64(embedding)
  const numbers = list(embedding).filter((each) => typeof each === 'number')
  return numbers.length > 0 && numbers.length === list(embedding).length ? Float32Array.from(numbers) : null
}

function fromBase64(source: string): Float32Array | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(source)) return null
  const bytes = Buffer.from(source, 'base64')
  if (bytes.length % 4 !== 0) return null
  const vector = Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4))
  return vector.every(Number.isFinite) ? vector : null
}
