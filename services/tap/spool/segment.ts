import { closeSync, fstatSync, fsyncSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { addTo, type Counts, type LedgerGroup } from '../ledger.ts'
import { decodeHeader, decodePayload, headerBytes, marker, type Spooled } from './frame.ts'

/** What is remembered of a segment beside its file. */
export type SegmentState = {
  name: string
  /** Up to here the file is on the disk, and `written` counts it. */
  sizeBytes: number
  /** Every record before this offset is settled. */
  settledUpTo: number
  /** Offsets behind it that are settled too. */
  settledAhead: number[]
  written: Counts
  settled: Counts
}

export type Place = { segment: Segment; offset: number; group: LedgerGroup }

const searchBytes = 65_536

/**
 * One file of records, written at its end and read once from its start. A record is settled when it is known what became
 * of it; the file goes when all its records are. Every method may throw what the file system throws.
 */
export class Segment {
  readonly path: string
  readonly #fd: number
  /** Bytes that are whole records, or were found after a crash. What a failed write left behind is beyond. */
  #sizeBytes: number
  #readAt: number
  readonly #settledAhead: Set<number>
  /** Handed out, not settled. In the order of offsets, but for those appended while in hand. */
  readonly #inHand = new Map<number, LedgerGroup>()
  readonly #written: Counts
  readonly #settled: Counts
  #unsynced = false
  isDeleted = false

  constructor(path: string, state: SegmentState | null, isNew: boolean) {
    this.path = path
    this.#fd = openSync(path, isNew ? 'wx+' : 'r')
    this.#sizeBytes = isNew ? 0 : fstatSync(this.#fd).size
    this.#readAt = state?.settledUpTo ?? 0
    this.#settledAhead = new Set(state?.settledAhead)
    this.#written = countsFrom(state?.written)
    this.#settled = countsFrom(state?.settled)
    if (!isNew) this.#countTail(state?.sizeBytes ?? 0)
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Records that came into the file after what is remembered of it. */
  #countTail(from: number): void {
    const readAt = this.#readAt
    this.#readAt = from
    for (let found = this.#next(); found !== null; found = this.#next()) addTo(this.#written, found.record.group, 1)
    this.#readAt = readAt
  }

  append(frame: Buffer, group: LedgerGroup, inHand: boolean): Place {
    const offset = this.#sizeBytes
    for (let done = 0; done < frame.length;)
      done += writeSync(this.#fd, frame, done, frame.length - done, offset + done)
    this.#sizeBytes += frame.length
    this.#unsynced = true
    addTo(this.#written, group, 1)
    if (inHand) this.#inHand.set(offset, group)
    return { segment: this, offset, group }
  }

  /** The next record that nobody has in hand; null at the end. Damaged ones are passed over. */
  read(): { place: Place; record: Spooled } | null {
    for (let found = this.#next(); found !== null; found = this.#next()) {
      const { offset, record } = found
      if (this.#inHand.has(offset) || this.#settledAhead.has(offset)) continue
      this.#inHand.set(offset, record.group)
      return { place: { segment: this, offset, group: record.group }, record }
    }
    return null
  }

  #next(): { offset: number; record: Spooled } | null {
    while (this.#readAt + headerBytes <= this.#sizeBytes) {
      const offset = this.#readAt
      const header = decodeHeader(this.#bytes(offset, headerBytes))
      const end = offset + headerBytes + (header?.length ?? 0)
      if (header === null || end > this.#sizeBytes) {
        this.#readAt = this.#findMarker(offset + 1)
        continue
      }
      this.#readAt = end
      const record = decodePayload(this.#bytes(offset + headerBytes, header.length), header)
      if (record !== null) return { offset, record }
    }
    this.#readAt = this.#sizeBytes
    return null
  }

  #findMarker(from: number): number {
    for (let start = from; start < this.#sizeBytes; start += searchBytes) {
      // Windows overlap by what a marker may hang over.
      const found = this.#bytes(start, searchBytes + marker.length - 1).indexOf(marker)
      if (found !== -1) return start + found
    }
    return this.#sizeBytes
  }

  #bytes(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.#sizeBytes - offset)))
    let done = 0
    while (done < bytes.length) {
      const count = readSync(this.#fd, bytes, done, bytes.length - done, offset + done)
      if (count === 0) break
      done += count
    }
    return bytes.subarray(0, done)
  }

  settle({ offset, group }: Place): void {
    this.#inHand.delete(offset)
    this.#settledAhead.add(offset)
    addTo(this.#settled, group, 1)
  }

  /** Nothing left to read, nothing in hand. */
  isDone(): boolean {
    return this.#readAt >= this.#sizeBytes && this.#inHand.size === 0
  }

  /** Written and not settled. */
  outstanding(): Counts {
    const counts = countsFrom(this.#written)
    for (const [group, times] of Object.entries(this.#settled)) addTo(counts, group, -times)
    return counts
  }

  /** What nobody will settle any more: neither settled nor in hand. */
  abandoned(): Counts {
    const counts = this.outstanding()
    for (const group of this.#inHand.values()) addTo(counts, group, -1)
    return counts
  }

  sync(): void {
    if (this.#unsynced) fsyncSync(this.#fd)
    this.#unsynced = false
  }

  state(): SegmentState {
    let settledUpTo = this.#readAt
    for (const offset of this.#inHand.keys()) settledUpTo = Math.min(settledUpTo, offset)
    for (const offset of this.#settledAhead) if (offset < settledUpTo) this.#settledAhead.delete(offset)
    return {
      name: basename(this.path),
      sizeBytes: this.#sizeBytes,
      settledUpTo,
      settledAhead: [...this.#settledAhead],
      written: countsFrom(this.#written),
      settled: countsFrom(this.#settled),
    }
  }

  close(): void {
    closeSync(this.#fd)
  }

  delete(): void {
    this.isDeleted = true
    closeSync(this.#fd)
    unlinkSync(this.path)
  }
}

function countsFrom(counts: Counts | undefined): Counts {
  return Object.assign(Object.create(null) as Counts, counts)
}
