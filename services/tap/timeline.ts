import { type Chunk } from '../../shared/contracts/exchange.ts'
import { type Piece } from './copied-bytes.ts'

/**
 * Feeds an answer to `push` (which tells how many SSE events ended in what it got) in slices that end where a blank line
 * does, so that each event has its own size, and gives one entry per event. Offsets count from `sentAtMs`.
 */
export function timelineOf(pieces: readonly Piece[], sentAtMs: number, push: (bytes: Uint8Array) => number): Chunk[] {
  const chunks: Chunk[] = []
  let sizeBytes = 0
  for (const { atMs, bytes } of pieces) {
    const offsetMs = offsetOf(atMs, sentAtMs)
    for (const slice of slicesOf(bytes)) {
      const events = push(slice)
      sizeBytes += slice.length
      if (events === 0) continue
      // More than one event in a slice: lines end in bare carriage returns. They share the slice's bytes.
      for (let left = events; left > 0; left -= 1) {
        const share = left === 1 ? sizeBytes : Math.floor(sizeBytes / left)
        chunks.push({ offsetMs, sizeBytes: share })
        sizeBytes -= share
      }
    }
  }
  return chunks
}

/** Milliseconds to the microsecond: more digits would be noise, and stored. */
export function offsetOf(atMs: number, sentAtMs: number): number {
  return Math.round(Math.max(0, atMs - sentAtMs) * 1_000) / 1_000
}

function* slicesOf(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0
  for (let lineEnd = bytes.indexOf(10); lineEnd !== -1; lineEnd = bytes.indexOf(10, lineEnd + 1)) {
    if (!endsBlankLine(bytes, lineEnd)) continue
    yield bytes.subarray(start, lineEnd + 1)
    start = lineEnd + 1
  }
  if (start < bytes.length) yield bytes.subarray(start)
}

function endsBlankLine(bytes: Uint8Array, lineEnd: number): boolean {
  const before = bytes[lineEnd - 1] === 13 ? lineEnd - 2 : lineEnd - 1
  // The line may have begun in an earlier piece: then it is taken as blank, and an extra slice does no harm.
  return before < 0 || bytes[before] === 10 || bytes[before] === 13
}
