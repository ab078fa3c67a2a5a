import { type FinishedCopy } from '../capture.ts'
import { type CopiedBytes, type Piece } from '../copied-bytes.ts'

/** A body's pieces one after the other in memory of its own, which can be moved to another thread. */
export type PackedBytes = Omit<CopiedBytes, 'pieces'> & {
  data: Uint8Array<ArrayBuffer>
  lengths: Uint32Array<ArrayBuffer>
  times: Float64Array<ArrayBuffer>
}

export type PackedCopy = Omit<FinishedCopy, 'request' | 'answer'> & { request: PackedBytes; answer: PackedBytes }

/**
 * Copies the bytes once. The pieces themselves cannot be moved: several of them share one piece of memory with each other
 * and with what the sockets may still be sending.
 */
export function packCopy(copy: FinishedCopy): PackedCopy {
  return { ...copy, request: pack(copy.request), answer: pack(copy.answer) }
}

export function unpackCopy(copy: PackedCopy): FinishedCopy {
  return { ...copy, request: unpack(copy.request), answer: unpack(copy.answer) }
}

/** What is moved, not cloned. */
export function memoryOf({ request, answer }: PackedCopy): ArrayBuffer[] {
  return [request, answer].flatMap(({ data, lengths, times }) => [data.buffer, lengths.buffer, times.buffer])
}

function pack({ pieces, ...rest }: CopiedBytes): PackedBytes {
  const data = new Uint8Array(pieces.reduce((sum, { bytes }) => sum + bytes.length, 0))
  const lengths = new Uint32Array(pieces.length)
  const times = new Float64Array(pieces.length)
  let position = 0
  for (const [index, { atMs, bytes }] of pieces.entries()) {
    data.set(bytes, position)
    position += bytes.length
    lengths[index] = bytes.length
    times[index] = atMs
  }
  return { ...rest, data, lengths, times }
}

function unpack({ data, lengths, times, ...rest }: PackedBytes): CopiedBytes {
  const pieces: Piece[] = []
  let position = 0
  for (const [index, length] of lengths.entries()) {
    pieces.push({ atMs: times[index]!, bytes: data.subarray(position, position + length) })
    position += length
  }
  return { ...rest, pieces }
}
