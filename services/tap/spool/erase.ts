import { closeSync, existsSync, fsyncSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { SpoolFolder } from './folder.ts'
import { blankFrame, decodeHeader, decodePayload, headerBytes, isBlank, marker, type Spooled } from './frame.ts'
import { lockFolder } from './lock.ts'

/** The taps' folders in the spool. */
export function spoolFolders(parent: string): string[] {
  return existsSync(parent) ? SpoolFolder.namesIn(parent) : []
}

/** Calls `see` for every record in the folder's files, also for those that were published already. */
export function eachSpooled(parent: string, name: string, see: (record: Spooled) => void): void {
  for (const file of segmentsOf(join(parent, name))) {
    for (const { record } of framesIn(readFileSync(file))) if (record !== null && !isBlank(record.value)) see(record)
  }
}

/**
 * Overwrites records in place with blanks, which whoever takes the folder over counts as dropped, `erased`; and with zeros what
 * cannot be read as a record. False: a running tap holds the folder.
 */
export function eraseSpooled(parent: string, name: string, meets: (record: Spooled) => boolean): boolean {
  const folder = join(parent, name)
  const lock = lockFolder(folder, 100)
  if (lock === null) return false
  try {
    for (const file of segmentsOf(folder)) eraseInFile(file, meets)
    return true
  } finally {
    lock.release()
  }
}

function eraseInFile(file: string, meets: (record: Spooled) => boolean): void {
  const bytes = readFileSync(file)
  const fd = openSync(file, 'r+')
  try {
    for (const { start, end, record } of framesIn(bytes)) {
      if (record === null) writeAll(fd, Buffer.alloc(end - start), start)
      else if (meets(record)) writeAll(fd, blankFrame(record.group, end - start - headerBytes), start)
    }
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

type Stretch = { start: number; end: number; record: Spooled | null }

/** The file from its start to its end: whole records, and between them what is none. */
function* framesIn(bytes: Buffer): Generator<Stretch> {
  let start = 0
  while (start < bytes.length) {
    const header = decodeHeader(bytes.subarray(start, start + headerBytes))
    const end = start + headerBytes + (header?.length ?? 0)
    const record =
      header === null || end > bytes.length ? null : decodePayload(bytes.subarray(start + headerBytes, end), header)
    if (record !== null) {
      yield { start, end, record }
      start = end
      continue
    }
    const next = bytes.indexOf(marker, start + 1)
    yield { start, end: next === -1 ? bytes.length : next, record: null }
    start = next === -1 ? bytes.length : next
  }
}

function segmentsOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => /^\d{8}\.records$/.test(file))
    .toSorted()
    .map((file) => join(folder, file))
}

function writeAll(fd: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, at + done)
}
