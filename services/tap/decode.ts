import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type CopiedBytes, type Piece } from './copied-bytes.ts'

export type DecodedBytes = {
  pieces: Piece[]
  /** Some of the body is missing: it was cut, broken, or larger than `maxBytes` when unpacked. */
  truncated: boolean
}

const decoders = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
  deflate: createInflate,
}

/** Null: a coding that is not known, so the bytes cannot be read. */
export function codingOf(header: string | null): 'identity' | keyof typeof decoders | null {
  const coding = (header ?? 'identity').trim().toLowerCase()
  if (coding === '' || coding === 'identity') return 'identity'
  return coding in decoders ? (coding as keyof typeof decoders) : null
}

/**
 * Undoes a content coding piece by piece, so that each decoded piece keeps the time its bytes arrived. A broken or cut
 * body is decoded as far as it goes.
 */
export async function decode(
  copied: CopiedBytes,
  coding: 'identity' | keyof typeof decoders,
  maxBytes: number,
): Promise<DecodedBytes> {
  if (coding === 'identity') return { pieces: copied.pieces, truncated: copied.truncated }
  const decoder = decoders[coding]()
  const pieces: Piece[] = []
  const current: Buffer[] = []
  let room = maxBytes
  let broken = false
  decoder.on('error', () => (broken = true))
  decoder.on('data', (bytes: Buffer) => {
    if (bytes.length > room) decoder.destroy(new Error('unpacked body over the cap'))
    current.push(bytes.subarray(0, room))
    room -= Math.min(room, bytes.length)
  })
  const closed = new Promise((resolve) => decoder.once('close', resolve))
  for (const { atMs, bytes } of copied.pieces) {
    // A decoder that is destroyed in the middle of a write closes without calling back.
    await Promise.race([new Promise((resolve) => decoder.write(bytes, resolve)), closed])
    if (current.length > 0) pieces.push({ atMs, bytes: Buffer.concat(current.splice(0)) })
    if (decoder.destroyed) break
  }
  await nextTurn()
  decoder.destroy()
  return { pieces, truncated: copied.truncated || broken }
}
