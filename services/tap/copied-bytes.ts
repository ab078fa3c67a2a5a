import { createHash, type Hash } from 'node:crypto'

/** What keeping a piece costs beside its bytes; a streamed token is smaller than this. */
export const pieceOverheadBytes = 256

/** One piece as it arrived. `atMs` is on the process's monotonic clock. */
export type Piece = { atMs: number; bytes: Uint8Array }

/** What was kept of a body's bytes on the wire: all of them, or a beginning. */
export type CopiedBytes = {
  pieces: Piece[]
  sizeBytes: number
  /** `pieces` is only the beginning. */
  truncated: boolean
  /** Hash of all bytes, where it could not be taken from `pieces` later. */
  sha256: string | null
}

export type CopyLimits = {
  maxBodyBytes: number
  /** Asks for room; false ends the copy. */
  take(sizeBytes: number): boolean
}

/**
 * Copies a body by reference up to a cap. A body announced as larger than the cap is hashed as it passes; hashing every
 * body here would cost each small streamed piece more than everything else the tap does with it.
 */
export class BytesCopy {
  readonly #limits: CopyLimits
  readonly #hash: Hash | null
  readonly #pieces: Piece[] = []
  #keptBytes = 0
  #sizeBytes = 0

  constructor(limits: CopyLimits, announcedBytes: number | null) {
    this.#limits = limits
    this.#hash = announcedBytes !== null && announcedBytes > limits.maxBodyBytes ? createHash('sha256') : null
  }

  /** False where there was no room: the caller gives the exchange up. */
  add(bytes: Uint8Array, atMs: number): boolean {
    this.#sizeBytes += bytes.length
    this.#hash?.update(bytes)
    const kept = bytes.subarray(0, this.#limits.maxBodyBytes - this.#keptBytes)
    if (kept.length === 0) return true
    if (!this.#limits.take(kept.length + pieceOverheadBytes)) return false
    this.#keptBytes += kept.length
    this.#pieces.push({ atMs, bytes: kept })
    return true
  }

  result(): CopiedBytes {
    return {
      pieces: this.#pieces,
      sizeBytes: this.#sizeBytes,
      truncated: this.#sizeBytes > this.#keptBytes,
      sha256: this.#hash?.digest('hex') ?? null,
    }
  }
}

export const noBytes: CopiedBytes = { pieces: [], sizeBytes: 0, truncated: false, sha256: null }
