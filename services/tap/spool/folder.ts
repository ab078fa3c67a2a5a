import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { uuidv7 } from '../../../shared/ids.ts'
import { addTo, type Counts, type LedgerState } from '../ledger.ts'
import { readJournal, writeJournal } from './journal.ts'
import { lockFolder } from './lock.ts'
import { Segment } from './segment.ts'

/** One tap's folder, held by a lock. */
export class SpoolFolder {
  readonly name: string
  readonly #path: string
  readonly #lock: { release(): void }
  readonly segments: Segment[]
  #lastNumber: number
  /** As its journal told, when it was opened. */
  readonly ledger: LedgerState | null

  /** A new one. */
  static create(parent: string): SpoolFolder {
    const name = `tap-${uuidv7()}`
    mkdirSync(join(parent, name), { recursive: true })
    return new SpoolFolder(parent, name, lockFolder(join(parent, name))!)
  }

  /** Those that their taps have left behind. One that cannot be used does not stand in the way of the others. */
  static orphans(parent: string, unusable: (name: string, err: unknown) => void): SpoolFolder[] {
    const names = readdirSync(parent).filter((name) => /^tap-[0-9a-f-]{36}$/.test(name))
    return names.toSorted().flatMap((name) => {
      try {
        const lock = lockFolder(join(parent, name))
        return lock === null ? [] : [new SpoolFolder(parent, name, lock)]
      } catch (err) {
        unusable(name, err)
        return []
      }
    })
  }

  constructor(parent: string, name: string, lock: { release(): void }) {
    this.name = name
    this.#path = join(parent, name)
    this.#lock = lock
    const journal = readJournal(this.#path)
    const files = readdirSync(this.#path).filter((file) => /^\d{8}\.records$/.test(file))
    const stateOf = (file: string) => journal?.segments.find((state) => state.name === file) ?? null
    this.ledger = journal?.ledger ?? null
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
  save(ledger: LedgerState | null): void {
    for (const segment of this.segments) segment.sync()
    writeJournal(this.#path, { version: 1, ledger, segments: this.segments.map((segment) => segment.state()) })
  }

  close(): void {
    for (const segment of this.segments) segment.close()
    this.#lock.release()
  }

  delete(): void {
    this.close()
    rmSync(this.#path, { recursive: true, force: true })
  }
}
