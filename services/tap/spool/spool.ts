import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TapConfig } from '../../../shared/config/schema.ts'
import { type Logger } from '../../../shared/logger.ts'
import { addTo, type Counts, type LedgerGroup, type LedgerState } from '../ledger.ts'
import { SpoolFolder } from './folder.ts'
import { encodeFrame, type Spooled } from './frame.ts'
import { type Place, type Segment, type SegmentState } from './segment.ts'
import { noteBegun, type Waiting } from './waiting.ts'

export type { Place, Spooled }

/** A folder that another tap, or this one before it died, has left. */
export type Inheritance = { name: string; ledger: LedgerState | null; outstanding: Counts; waiting: Counts }

export type Spool = {
  /** Null: it was not taken. `inHand`: whoever appends it settles it, and `read` leaves it alone. */
  append(record: Spooled, inHand: boolean): Place | null
  /** The oldest records that are in nobody's hand, at least one if there is any. */
  read(maxBytes: number): { place: Place; record: Spooled }[]
  hasRecords(): boolean
  /** What waits in it, and the room its files take. */
  depth(): SpoolDepth
  /** It is known what became of the record: it will not be read again. */
  settle(place: Place): void
  /** Makes records and ledger, which covers so many `copies`, safe together. Never throws: a disk that fails is told once. */
  save(ledger: LedgerState, copies?: number): void
  /** Tells of copies that no `save` has covered, for whoever comes after this process. Never throws. */
  note(begun: Waiting): void
  /** It takes nothing now because its disk does not work. */
  isBroken(): boolean
  /** Is there anything that `save` would make safe? */
  hasChanged(): boolean
  /** What nobody held when it was opened. */
  inherited(): Inheritance[]
  /** Takes over what nobody has held, and nobody has saved, since the last time this was called. */
  adopt(): Inheritance[]
  /** The folders in use. */
  names(): { home: string | null; adopted: string[] }
  /** Leaves behind what is not settled, and nothing else. */
  close(ledger: LedgerState, copies?: number): void
}

export type SpoolDepth = { records: number; sizeBytes: number }

export type SpoolOptions = TapConfig['spool'] & {
  logger: Logger
  /** Records that will never be published: the oldest of a full spool, or what cannot be read any more. */
  onDropped: (group: LedgerGroup, times: number, reason: 'spool_full' | 'spool_damaged') => void
  maxSegmentBytes?: number
  retryMs?: number
}

/**
 * Records on the disk until the log takes them. A tap writes to a folder of its own and takes over folders that nobody
 * holds. Where the disk does not work the spool takes nothing, and tries again later.
 */
export function openSpool(options: SpoolOptions): Spool {
  return new DiskSpool(options)
}

class DiskSpool implements Spool {
  readonly #options: SpoolOptions
  readonly #maxSegmentBytes: number
  #home: SpoolFolder | null = null
  #adopted: SpoolFolder[] = []
  #inherited: Inheritance[] = []
  /** Folders that nobody held at the last look, with the time when they were saved last. */
  #leftAtMs = new Map<string, number>()
  readonly #unusable = new Set<string>()
  #active: Segment | null = null
  #brokenUntilMs = 0
  #isTold = false
  #changed = true

  constructor(options: SpoolOptions) {
    this.#options = options
    this.#maxSegmentBytes = options.maxSegmentBytes ?? Math.min(16 * 1_048_576, Math.floor(options.maxBytes / 8))
    this.#attempt(() => {
      mkdirSync(options.folder, { recursive: true })
      this.#inherited = this.#inheritAll(SpoolFolder.namesIn(options.folder))
      this.#home = SpoolFolder.create(options.folder)
    }, undefined)
  }

  /** A tap that was killed while it saved may have left its own journal, with the ledgers of others in it, and not yet theirs. */
  #inheritAll(names: readonly string[]): Inheritance[] {
    if (names.length === 0) return []
    const covered = SpoolFolder.coveredIn(this.#options.folder)
    return names.flatMap((name) => this.#inherit(name, covered.get(name)) ?? [])
  }

  /** One that cannot be used does not stand in the way of the others. */
  #inherit(name: string, covered: SegmentState[] | undefined): Inheritance | null {
    return this.#tolerate(name, () => {
      const folder = SpoolFolder.take(this.#options.folder, name, covered)
      if (folder === null) return null
      this.#adopted.push(folder)
      this.#changed = true
      return { name, ledger: folder.ledger, outstanding: folder.outstanding(), waiting: folder.waiting }
    })
  }

  #tolerate<Result>(name: string, work: () => Result): Result | null {
    try {
      return work()
    } catch (err) {
      const { folder, logger } = this.#options
      // Its tap, or another one, has just done with it.
      if (!existsSync(join(folder, name))) return null
      this.#unusable.add(name)
      logger.error({ code: codeOf(err), name }, 'a folder of the spool cannot be read and is left alone')
      return null
    }
  }

  adopt(): Inheritance[] {
    if (this.isBroken()) return []
    const { folder } = this.#options
    const before = this.#leftAtMs
    this.#leftAtMs = new Map()
    const mine = new Set([this.#home?.name, ...this.#adopted.map(({ name }) => name)])
    const others = this.#attempt(() => SpoolFolder.namesIn(folder), []).filter((name) => !mine.has(name))
    const left = others.filter((name) => {
      if (this.#unusable.has(name)) return false
      const leftAtMs = this.#tolerate(name, () => SpoolFolder.leftAtMs(folder, name))
      if (leftAtMs === null) return false
      // The mirror of a tap that lives may have died a moment ago: the next one of that tap takes its folders itself.
      if (before.get(name) === leftAtMs) return true
      this.#leftAtMs.set(name, leftAtMs)
      return false
    })
    return this.#attempt(() => this.#inheritAll(left), [])
  }

  append(record: Spooled, inHand: boolean): Place | null {
    if (this.isBroken()) return null
    return this.#attempt(() => {
      const frame = encodeFrame(record)
      if (!this.#makeRoom(frame.length)) return null
      this.#changed = true
      return this.#segmentFor(frame.length).append(frame, record.group, inHand)
    }, null)
  }

  #segmentFor(sizeBytes: number): Segment {
    const hasRoom = this.#active !== null && this.#active.sizeBytes + sizeBytes <= this.#maxSegmentBytes
    if (!hasRoom) {
      this.#home ??= SpoolFolder.create(this.#options.folder)
      this.#active = this.#home.addSegment()
    }
    return this.#active!
  }

  #makeRoom(sizeBytes: number): boolean {
    const { maxBytes, whenFull } = this.#options
    while (this.#sizeBytes() + sizeBytes > maxBytes) {
      const [oldest] = this.#segments()
      if (oldest === undefined || whenFull === 'drop_newest') return false
      this.#abandon(oldest, 'spool_full')
    }
    return true
  }

  read(maxBytes: number): { place: Place; record: Spooled }[] {
    const found: { place: Place; record: Spooled }[] = []
    let sizeBytes = 0
    for (const segment of this.#segments()) {
      while (sizeBytes < maxBytes) {
        const next = this.#readFrom(segment)
        if (next === null) break
        found.push(next)
        sizeBytes += next.record.value.length
      }
      if (segment.isDone()) this.#abandon(segment, 'spool_damaged')
    }
    return found
  }

  #readFrom(segment: Segment): { place: Place; record: Spooled } | null {
    try {
      return segment.read()
    } catch (err) {
      this.#tell(err)
      this.#abandon(segment, 'spool_damaged')
      return null
    }
  }

  hasRecords(): boolean {
    return this.#segments().length > 0
  }

  depth(): SpoolDepth {
    const outstanding = this.#segments().flatMap((segment) => Object.values(segment.outstanding()))
    // Fewer than none: records that came back although they were settled.
    return {
      records: Math.max(
        0,
        outstanding.reduce((sum, times) => sum + times, 0),
      ),
      sizeBytes: this.#sizeBytes(),
    }
  }

  settle(place: Place): void {
    const { segment } = place
    this.#changed = true
    segment.settle(place)
    if (!segment.isDeleted && segment.isDone()) this.#abandon(segment, 'spool_damaged')
  }

  /** The file goes. What was in it and is in nobody's hand is lost; in a sound file that has been read this is nothing. */
  #abandon(segment: Segment, reason: 'spool_full' | 'spool_damaged'): void {
    this.#changed = true
    if (this.#active === segment) this.#active = null
    for (const [group, times] of Object.entries(segment.abandoned())) {
      // Fewer than none: records that came back although they were settled.
      if (times > 0) this.#options.onDropped(group, times, reason)
    }
    const owner = [...this.#adopted, this.#home!].find(({ segments }) => segments.includes(segment))
    this.#attempt(() => owner?.removeSegment(segment), undefined)
  }

  save(ledger: LedgerState, copies = 0): void {
    if (this.isBroken()) return
    this.#attempt(() => {
      this.#home ??= SpoolFolder.create(this.#options.folder)
      this.#home.save(this.#own(ledger), copies, this.#adopted)
      if (this.#changed) for (const folder of this.#adopted) this.#saveAdopted(folder)
      this.#changed = false
      if (this.#isTold) this.#options.logger.info('the spool works again')
      this.#isTold = false
    }, undefined)
  }

  note(begun: Waiting): void {
    const name = this.#home?.name
    if (name === undefined || this.isBroken()) return
    this.#attempt(() => noteBegun(join(this.#options.folder, name), begun), undefined)
  }

  /** Each folder tells of its own records only, whoever takes it over next. */
  #own(ledger: LedgerState): LedgerState {
    const open = { ...ledger.open }
    for (const folder of this.#adopted) {
      for (const [group, times] of Object.entries(folder.outstanding())) addTo(open, group, -times)
    }
    return { ...ledger, open }
  }

  #saveAdopted(folder: SpoolFolder): void {
    if (folder.segments.length > 0) return folder.save(null, 0, [])
    this.#adopted = this.#adopted.filter((other) => other !== folder)
    folder.delete()
  }

  isBroken(): boolean {
    return performance.now() < this.#brokenUntilMs
  }

  hasChanged(): boolean {
    return this.#changed
  }

  inherited(): Inheritance[] {
    return this.#inherited
  }

  names(): { home: string | null; adopted: string[] } {
    return { home: this.#home?.name ?? null, adopted: this.#adopted.map(({ name }) => name) }
  }

  close(ledger: LedgerState, copies = 0): void {
    this.#brokenUntilMs = 0
    this.#changed = true
    this.save(ledger, copies)
    const { lines, unconfirmed, open } = this.#own(ledger)
    const isSettled = lines.length === 0 && unconfirmed.length === 0 && Object.keys(open).length === 0
    const isEmpty = isSettled && this.#home?.segments.length === 0
    this.#attempt(() => {
      if (isEmpty) this.#home?.delete()
      else this.#home?.close()
      for (const folder of this.#adopted) folder.close()
    }, undefined)
  }

  #segments(): Segment[] {
    return [...this.#adopted.flatMap(({ segments }) => segments), ...(this.#home?.segments ?? [])]
  }

  #sizeBytes(): number {
    return this.#segments().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  }

  #attempt<Result>(work: () => Result, otherwise: Result): Result {
    try {
      return work()
    } catch (err) {
      // What a failed write left behind stays behind: the next record goes to a new file.
      this.#active = null
      this.#brokenUntilMs = performance.now() + (this.#options.retryMs ?? 10_000)
      this.#tell(err)
      return otherwise
    }
  }

  #tell(err: unknown): void {
    if (this.#isTold) return
    this.#isTold = true
    const { folder, logger } = this.#options
    logger.error(
      { code: codeOf(err), folder },
      'the spool cannot use its disk: what the log does not take is kept in memory only, and lost with the process. Free space or correct tap.spool.folder',
    )
  }
}

function codeOf(err: unknown): string | undefined {
  return (err as NodeJS.ErrnoException).code
}
