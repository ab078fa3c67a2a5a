import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type LedgerState } from '../ledger.ts'
import { type SegmentState } from './segment.ts'

/** What a folder knows beside its records, always of one moment: counts and what they count change together. */
export type Journal = {
  version: 1
  /** Null: another folder's journal has taken the ledger over; what is outstanding here is all that is open. */
  ledger: LedgerState | null
  /** Of how many of its thread's copies the ledger tells. */
  copies?: number
  /** Folders whose ledgers are in this one, as they are in it: their own journals, which are written after it, may tell of a moment before. */
  adopted?: { name: string; segments: SegmentState[] }[]
  segments: SegmentState[]
}

const name = 'journal'

/** Null where there is none, or none that can be trusted: then the records are all there is. */
export function readJournal(folder: string): Journal | null {
  try {
    const text = readFileSync(join(folder, name), 'utf8')
    const [sum, body = ''] = text.split(/\n(.*)/s, 2)
    const journal = sum === sumOf(body) ? (JSON.parse(body) as Journal) : null
    return journal?.version === 1 ? journal : null
  } catch {
    return null
  }
}

/** When it was written; 0 where there is none. */
export function journalTimeMs(folder: string): number {
  return statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** On the disk when it returns, as a whole or not at all. */
export function writeJournal(folder: string, journal: Journal): void {
  const body = JSON.stringify(journal)
  const file = join(folder, name)
  writeSynced(`${file}.new`, `${sumOf(body)}\n${body}`)
  renameSync(`${file}.new`, file)
  syncFolder(folder)
}

function writeSynced(file: string, text: string): void {
  const bytes = Buffer.from(text)
  const fd = openSync(file, 'w')
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function sumOf(body: string): string {
  return crc32(body).toString(16)
}
