import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { uuidv7 } from '../../../shared/ids.ts'
import { addTo, type Counts, type LedgerState } from '../ledger.ts'
import { type Journal, journalTimeMs, readJournal, writeJournal } from './journal.ts'
import { lockFolder } from './lock.ts'
import { Segment, type SegmentState } from './segment.ts'
import { readWaiting } from './waiting.ts'

/** One tap's folder, held by a lock. */
export class SpoolFolder {
  readonly name: string
  readonly #path: string
  readonly #lock: { release(): void }
  readonly segments: Segment[]
  #lastNumber: number
  /** As its journal told, when it was opened. */
  readonly ledger: LedgerState | null
  /** What its tap had answered and its ledger does not tell of. */
  readonly waiting: Counts

  /** A new one. It gets its name when it is held, so that nobody takes it for one that was left behind. */
  static create(parent: string): SpoolFolder {
    const name = `tap-${uuidv7()}`
    const unnamed = join(parent, `new-${name}`)
    mkdirSync(unnamed, { recursive: true })
    const lock = lockFolder(unnamed)!
    renameSync(unnamed, join(parent, name))
    return new SpoolFolder(parent, name, lock)
  }

  /** Everybody's. */
  static namesIn(parent: string): string[] {
    return readdirSync(parent)
      .filter((name) => /^tap-[0-9a-f-]{36}$/.test(name))
      .toSorted()
  }

  /** Those whose ledgers are in another's journal, with what that tells of them. */
  static coveredIn(parent: string): Map<string, SegmentState[]> {
    const adopted = SpoolFolder.namesIn(parent).flatMap((name) => readJournal(join(parent, name))?.adopted ?? [])
    return new Map(adopted.map(({ name, segments }) => [name, segments]))
  }

  /** Null: somebody holds it. Who only looks holds it for a moment. */
  static take(parent: string, name: string, covered: SegmentState[] | undefined): SpoolFolder | null {
    const lock = lockFolder(join(parent, name), 100)
    try {
      return lock === null ? null : new SpoolFolder(parent, name, lock, covered)
    } catch (err) {
      lock?.release()
      throw err
    }
  }

  /** When it was saved last, if nobody holds it; null if somebody does. */
  static leftAtMs(parent: string, name: string): number | null {
    const lock = lockFolder(join(parent, name))
    lock?.release()
    return lock === null ? null : journalTimeMs(join(parent, name))
  }

  constructor(parent: string, name: string, lock: { release(): void }, covered?: SegmentState[]) {
    this.name = name
    this.#path = join(parent, name)
    this.#lock = lock
    const journal: Pick<Journal, 'ledger' | 'copies' | 'segments'> | null =
      covered === undefined ? readJournal(this.#path) : { ledger: null, segments: covered }
    const files = readdirSync(this.#path).filter((file) => /^\d{8}\.records$/.test(file))
    const stateOf = (file: string) => journal?.segments.find((state) => state.name === file) ?? null
    this.ledger = journal?.ledger ?? null
    this.waiting = this.ledger === null ? {} : readWaiting(this.#path, journal?.copies ?? 0)
    this.segments = files.toSorted().map((file) => new Segment(join(this.#path, file), stateOf(file), false))
    this.#lastNumber = Math.max(0, ...files.map((file) => Number.parseInt(file, 10)))
  }

  addSegment(): Segment {
    this.#lastNumber += 1
    const file = `${String(this.#lastNumber).padStart(8, '0')}.records`
    const segment = new Segment(join(this.#path, file), null, true)
    this.segments.push(segment)
    return segment
  }

  removeSegment(segment: Segment): void {
    this.segments.splice(this.segments.indexOf(segment), 1)
    segment.delete()
  }

  outstanding(): Counts {
    const counts = Object.create(null) as Counts
    for (const segment of this.segments) {
      for (const [group, times] of Object.entries(segment.outstanding())) addTo(counts, group, times)
    }
    return counts
  }

  /** Records first: the journal must not tell of any that are not there. */
  save(ledger: LedgerState | null, copies: number, others: readonly SpoolFolder[]): void {
    for (const segment of this.segments) segment.sync()
    const adopted = others.map((other) => ({ name: other.name, segments: other.#states() }))
    writeJournal(this.#path, { version: 1, ledger, copies, adopted, segments: this.#states() })
  }

  #states(): SegmentState[] {
    return this.segments.map((segment) => segment.state())
  }

  close(): void {
    for (const segment of this.segments) segment.close()
    this.#lock.release()
  }

  /** Held until it is gone, so that nobody takes it over. */
  delete(): void {
    rmSync(this.#path, { recursive: true, force: true })
    this.close()
  }
}
